"""The three requests of the protocol, with one handle and one secret. Protocol §3.

A lost answer is met by the identical request again: opening and proof are made to be repeated.
"""

import base64
import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mynumber_card_agent.closed_json import JsonObject, check_members, get_text, parse_object
from mynumber_card_agent.links import Invitation
from mynumber_card_agent.member_rules import check_identifier
from mynumber_card_agent.opening import FORMAT, Opening, parse_opening
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.provider_connection import Answer, send_request
from mynumber_card_agent.return_url import parse_return_url
from mynumber_card_agent.version import PRESENTER

_TIMEOUT_SECONDS: Final = 20
_CANCEL_TIMEOUT_SECONDS: Final = 5
_ATTEMPTS: Final = 4
_LONGEST_PAUSE_SECONDS: Final = 10
_CODE: Final = re.compile(r"[a-z][a-z_]{0,63}")
_REFERENCE: Final = re.compile(r"[A-Za-z0-9._-]{0,64}")
_CARD_ANSWER: Final = frozenset({"error", "next_nonce", "tries_left", "reference"})


@dataclass(frozen=True, slots=True)
class SignedProof:
    """What the card gave for one nonce."""

    certificate: bytes
    algorithm: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """The proof was taken: open this, in the browser where the person began."""

    return_url: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider said no, or could not find out. ``next_nonce`` is empty when the transaction has ended."""

    could_find_out: bool
    code: str
    next_nonce: str
    tries_left: int
    reference: str


def _encode_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _get_refusal_names(members: JsonObject) -> tuple[str, str]:
    code, reference = get_text(members, "error"), get_text(members, "reference")
    if _CODE.fullmatch(code) is None or _REFERENCE.fullmatch(reference) is None:
        raise AgentError(Outcome.INVALID_ANSWER, "an error code or reference that cannot be shown")
    return code, reference


def _parse_refusal(answer: Answer) -> AgentError:
    """The error that an answer of protocol §4 means."""
    if not answer.is_json:
        return AgentError(Outcome.INVALID_ANSWER, f"status {answer.status} without JSON")
    try:
        members = parse_object(answer.unverified_body)
        if members.keys() != _CARD_ANSWER:
            check_members(members, frozenset({"error", "reference"}))
        code, reference = _get_refusal_names(members)
    except AgentError as error:
        return error
    is_outage = answer.status >= 500 or answer.status == 429
    return AgentError(Outcome.UNAVAILABLE if is_outage else Outcome.REQUEST_REFUSED, code=code, reference=reference)


def _parse_card_answer(answer: Answer) -> Refused:
    members = parse_object(answer.unverified_body)
    check_members(members, _CARD_ANSWER)
    code, reference = _get_refusal_names(members)
    next_nonce, tries_left = get_text(members, "next_nonce"), members["tries_left"]
    if type(tries_left) is not int or not 0 <= tries_left <= 100 or (tries_left > 0) != (next_nonce != ""):
        raise AgentError(Outcome.INVALID_ANSWER, "tries_left and next_nonce do not fit together")
    if next_nonce:
        check_identifier("next_nonce", next_nonce)
    return Refused(answer.status == 422, code, next_nonce, tries_left, reference)


class PresenterApi:
    """One presenter's conversation about one transaction."""

    def __init__(
        self,
        invitation: Invitation,
        randomness: Callable[[int], bytes] = secrets.token_bytes,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._invitation = invitation
        self._pause = pause
        secret = randomness(32)
        self._secret = _encode_base64url(secret)
        self._commitment = _encode_base64url(hashlib.sha256(secret).digest())

    @property
    def issuer(self) -> str:
        """The configured issuer that this conversation is with."""
        return self._invitation.issuer

    def open(self) -> Opening:
        """Bind the transaction to this presenter and learn what it is.

        Raises: AgentError(REQUEST_REFUSED, UNAVAILABLE, INVALID_ANSWER) and the connection's.
        Source: protocol §3.1.
        """
        answer = self._send_until_answered("/card/open", {"format": FORMAT, "commitment": self._commitment})
        if answer.status != 200:
            raise _parse_refusal(answer)
        self._check_is_json(answer)
        return parse_opening(answer.unverified_body, self.issuer)

    def prove(self, proof: SignedProof) -> Accepted | Refused:
        """Hand over what the card signed.

        Returns: the return address, or the card's refusal with the next nonce.
        Raises:  AgentError as ``open``.
        Source:  protocol §3.4.
        """
        body = {
            "format": FORMAT,
            "secret": self._secret,
            "unverified_certificate": base64.b64encode(proof.certificate).decode("ascii"),
            "algorithm": proof.algorithm,
            "signature": _encode_base64url(proof.signature),
            "presenter": PRESENTER,
        }
        answer = self._send_until_answered("/card/proof", body)
        if answer.status == 200:
            self._check_is_json(answer)
            members = parse_object(answer.unverified_body)
            check_members(members, frozenset({"return_url"}))
            return Accepted(parse_return_url(members["return_url"], self.issuer))
        if answer.status == 422 or (answer.status == 503 and b'"next_nonce"' in answer.unverified_body):
            self._check_is_json(answer)
            return _parse_card_answer(answer)
        raise _parse_refusal(answer)

    def cancel(self, reason: str) -> None:
        """Tell the provider's page why nothing will come; best effort, for the transaction expires by itself.

        Source: protocol §3.5.
        """
        try:
            self._send("/card/cancel", {"format": FORMAT, "secret": self._secret, "reason": reason}, brief=True)
        except AgentError:
            # The person already hears the reason here; a second message about the network would hide it.
            return

    @staticmethod
    def _check_is_json(answer: Answer) -> None:
        if not answer.is_json:
            raise AgentError(Outcome.INVALID_ANSWER, f"status {answer.status} without JSON")

    def _send(self, path: str, body: dict[str, str], *, brief: bool = False) -> Answer:
        headers = {"Content-Type": "application/json", "Authorization": f"Handle {self._invitation.handle}"}
        return send_request(
            self.issuer,
            "POST",
            path,
            body=json.dumps(body).encode("ascii"),
            headers=headers,
            timeout_seconds=_CANCEL_TIMEOUT_SECONDS if brief else _TIMEOUT_SECONDS,
        )

    def _send_until_answered(self, path: str, body: dict[str, str]) -> Answer:
        """Repeat the identical request while its answer is lost, still being made, or not yet allowed."""
        for attempt in range(1, _ATTEMPTS + 1):
            is_last = attempt == _ATTEMPTS
            try:
                answer = self._send(path, body)
            except AgentError as error:
                if is_last or error.outcome is not Outcome.UNREACHABLE:
                    raise
                self._pause(attempt)
                continue
            pause_seconds = self._repeat_after_seconds(answer, attempt)
            if is_last or pause_seconds is None:
                return answer
            self._pause(pause_seconds)
        raise AssertionError("the last attempt returns or raises")

    @staticmethod
    def _repeat_after_seconds(answer: Answer, attempt: int) -> float | None:
        if answer.status >= 500 and not answer.is_json:
            return attempt  # A gateway spoke in the provider's place: the answer is lost.
        if answer.status == 409 and b'"proof_in_progress"' in answer.unverified_body:
            return max(1, answer.retry_after_seconds)
        if answer.status == 429 and 0 < answer.retry_after_seconds <= _LONGEST_PAUSE_SECONDS:
            return answer.retry_after_seconds
        return None
