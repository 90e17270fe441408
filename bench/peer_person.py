"""A person at the peer: a page with a form, a login that is believed, consent remembered; each time a fresh session."""

from urllib.parse import urlsplit

from bench.exchange import Call, Conversation, CookieJar, WrongAnswer, check_status, form_call
from bench.relying_party import RelyingParty, Request


class PeerPerson:
    """Signs in again and again, without the session of the last time."""

    def __init__(self, party: RelyingParty, login: str) -> None:
        self._party = party
        self._login = login

    def sign_in(self) -> Conversation:
        """One whole sign-in, from the authorization request to the claims."""
        jar, request = CookieJar(), Request(self._party)
        begun = check_status((yield _get("authorize", f"/auth?{request.query}", jar)), 303, "authorize")
        jar.keep(begun)
        interaction = _path(begun.header("location"))
        page = check_status((yield _get("sign-in page", interaction, jar)), 200, "sign-in page")
        if b"<form" not in page.body:
            raise WrongAnswer("no form on the peer's page")
        form = f"prompt=login&login={self._login}&password=any"
        posted = check_status((yield form_call("login", f"{interaction}/login", form, *jar.header())), 303, "login")
        jar.keep(posted)
        returned = check_status((yield _get("return", _path(posted.header("location")), jar)), 303, "return")
        yield from request.redeem(returned.header("location"), "/token", "/me")


def _get(step: str, target: str, jar: CookieJar) -> Call:
    headers = (("Accept-Language", "ja"), ("Accept", "text/html"), ("User-Agent", "Mozilla/5.0 (bench)"))
    return Call(step, "GET", target, (*headers, *jar.header()))


def _path(location: str) -> str:
    parts = urlsplit(location)
    return parts.path + (f"?{parts.query}" if parts.query else "")
