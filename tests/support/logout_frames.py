"""The frames of a page after a sign-out, as a browser would load them."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import TestResponse


class _FrameReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.refreshes: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "iframe":
            self.addresses.append(values["src"])
        if tag == "meta" and values.get("http-equiv") == "refresh":
            self.refreshes.append(values["content"])


def _read(page: TestResponse) -> _FrameReader:
    reader = _FrameReader()
    reader.feed(page.get_data(as_text=True))
    return reader


def frames_of(page: TestResponse) -> list[str]:
    """The addresses that a page loads in frames."""
    return _read(page).addresses


def refreshes_of(page: TestResponse) -> list[str]:
    """Where a page goes on by itself, each with its seconds."""
    return _read(page).refreshes


def told_to(address: str) -> dict[str, str]:
    """The parameters that a frame's address carries."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def policy_of(page: TestResponse) -> dict[str, str]:
    """The directives of a page's content security policy."""
    directives = page.headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, _, sources in (each.partition(" ") for each in directives)}
