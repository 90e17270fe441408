"""A person with a card at our provider: browser, presenter and card in one, written from the protocol's document."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Generator
from typing import Final

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key

from bench.bound_party import BoundRequest
from bench.exchange import Answer, Call, Conversation, CookieJar, WrongAnswer, check_status, form_call
from bench.relying_party import RelyingParty, Request

_LINK: Final = re.compile(rb"mynumber-card:[\w-]{22}\.([\w-]{43})")
_CSRF: Final = re.compile(r'name="csrf" value="([\w-]+)"')
_SESSION: Final = re.compile("idp-session$")
_MOST_PAGES: Final = 6


class CardPerson:
    """Signs in again and again: the browser is known and consent remembered, but each time the card is needed."""

    def __init__(self, issuer: str, party: RelyingParty, certificate_der: bytes, key_der: bytes) -> None:
        key = load_der_private_key(key_der, None)
        assert isinstance(key, rsa.RSAPrivateKey)
        self._key = key
        self._certificate = base64.b64encode(certificate_der).decode()
        self._issuer = issuer
        self._party = party
        self._jar = CookieJar()
        self._is_known = False

    def sign_in(self) -> Conversation:
        """One whole sign-in, from the authorization request to the claims."""
        is_bound = bool(self._party.private_key_pem)
        request = BoundRequest(self._party, self._issuer) if is_bound else Request(self._party)
        query = yield from request.begin()
        begun = check_status((yield self._get("authorize", f"/authorize?{query}")), 303, "authorize")
        self._jar.keep(begun)
        page = check_status((yield self._get("sign-in page", begun.header("location"))), 200, "sign-in page")
        link = _LINK.search(page.body)
        if link is None:
            raise WrongAnswer("no link on the sign-in page")
        return_url = yield from self._present(link[1].decode())
        returned = yield self._get("return", return_url.removeprefix(self._issuer))
        check_status(returned, 303, "return")
        self._jar.keep(returned)
        location = returned.header("location")
        if location.startswith("/"):
            if self._is_known:
                raise WrongAnswer(f"a question to a person who is known: {location}")
            location = yield from self._agree(location)
        yield from request.redeem(location, "/token", "/userinfo")
        self._is_known = True
        # Without the session the next sign-in needs the card; that this browser is known stays.
        for name in [name for name in self._jar.cookies if _SESSION.search(name)]:
            del self._jar.cookies[name]

    def _present(self, handle: str) -> Generator[Call, Answer, str]:
        secret = secrets.token_bytes(32)
        commitment = _encode(hashlib.sha256(secret).digest())
        opened = yield self._post("open", handle, {"format": "mynumber-card/1", "commitment": commitment})
        frozen = json.loads(check_status(opened, 200, "open").body)
        canonical = json.dumps(frozen["transaction"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        parts = (self._issuer.encode(), frozen["nonce"].encode(), canonical.encode())
        message = b"mynumber-idp/v1/user-authentication\0" + b"".join(hashlib.sha256(part).digest() for part in parts)
        proof = {
            "format": "mynumber-card/1",
            "secret": _encode(secret),
            "unverified_certificate": self._certificate,
            "algorithm": "RS256",
            "signature": _encode(self._key.sign(message, padding.PKCS1v15(), SHA256())),
            "presenter": "bench/1",
        }
        proved = check_status((yield self._post("proof", handle, proof)), 200, "proof")
        return str(json.loads(proved.body)["return_url"])

    def _agree(self, location: str) -> Generator[Call, Answer, str]:
        """The first time: this is my browser, and I agree."""
        for _ in range(_MOST_PAGES):
            page = check_status((yield self._get("first time", location)), 200, "first time")
            html = page.body.decode()
            csrf = _CSRF.search(html)
            assert csrf is not None
            form = "new-browser" if "/new-browser" in html else "consent"
            fields = f"csrf={csrf[1]}" + ("&decision=allow" if form == "consent" else "")
            done = yield form_call("first time", f"{location}/{form}", fields, *self._jar.header())
            self._jar.keep(check_status(done, 303, form))
            if not done.header("location").startswith("/"):
                return done.header("location")
            location = done.header("location")
        raise WrongAnswer("no end of questions")

    def _get(self, step: str, target: str) -> Call:
        headers = (("Accept-Language", "ja"), ("Accept", "text/html"), ("User-Agent", "Mozilla/5.0 (bench)"))
        return Call(step, "GET", target, (*headers, *self._jar.header()))

    def _post(self, what: str, handle: str, members: dict[str, str]) -> Call:
        headers = (("Content-Type", "application/json"), ("Authorization", f"Handle {handle}"))
        return Call(what, "POST", f"/card/{what}", headers, json.dumps(members).encode())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
