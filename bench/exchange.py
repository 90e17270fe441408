"""A sign-in as a conversation: a generator that yields requests and is sent the answers.

So one description of a sign-in is driven over sockets under load, and called in process for the profile.
"""

from collections.abc import Generator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``step`` names it in tables, ``headers`` are name and value without the ones every request has."""

    step: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; header names in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """The first header of this name, or nothing."""
        return next((value for found, value in self.headers if found == name), "")


Conversation = Generator[Call, Answer, None]


class WrongAnswer(Exception):
    """A server under measurement did not answer as it must; nothing that follows would mean anything."""


def check_status(answer: Answer, status: int, step: str) -> Answer:
    """Establish that the step went as it should.

    Raises: WrongAnswer.
    """
    if answer.status != status:
        shown = answer.body[:500].decode("utf-8", "replace")
        raise WrongAnswer(f"{step}: {answer.status} instead of {status}: {answer.header('location')} {shown}")
    return answer


def form_call(step: str, target: str, body: str, *headers: tuple[str, str]) -> Call:
    """A form that is posted."""
    return Call(step, "POST", target, (("Content-Type", "application/x-www-form-urlencoded"), *headers), body.encode())


class CookieJar:
    """The cookies of one browser at one host."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def header(self) -> tuple[tuple[str, str], ...]:
        """The header to send; none without cookies."""
        if not self.cookies:
            return ()
        return (("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())),)

    def keep(self, answer: Answer) -> None:
        """Keep and forget what an answer says."""
        for name, line in answer.headers:
            if name == "set-cookie":
                pair, _, attributes = line.partition(";")
                cookie, _, value = pair.partition("=")
                lower = attributes.lower()
                if "max-age=0" in lower or not value or "expires=thu, 01 jan 1970" in lower:
                    self.cookies.pop(cookie, None)
                else:
                    self.cookies[cookie] = value
