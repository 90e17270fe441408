"""The relying party's side, the same for both providers: a fresh authorization request, then the code's redemption."""

import base64
import hashlib
import json
import secrets
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from bench.exchange import Answer, Call, WrongAnswer, check_status, form_call


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """A confidential client with a secret, or with a key (PEM) where it is one of high assurance."""

    client_id: str
    client_secret: str
    redirect_uri: str
    private_key_pem: bytes = b""

    @property
    def basic(self) -> tuple[str, str]:
        """client_secret_basic (RFC 6749 §2.3.1)."""
        pair = f"{self.client_id}:{self.client_secret}".encode()
        return "Authorization", "Basic " + base64.b64encode(pair).decode()


class Request:
    """One authorization request, with what the client keeps for itself (RFC 7636)."""

    def __init__(self, party: RelyingParty) -> None:
        self._party = party
        self._state = secrets.token_urlsafe(16)
        self._nonce = secrets.token_urlsafe(16)
        self._verifier = secrets.token_urlsafe(32)

    @property
    def query(self) -> str:
        """The query of the authorization request."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self._verifier.encode()).digest()).rstrip(b"=").decode()
        members = {"client_id": self._party.client_id, "redirect_uri": self._party.redirect_uri,
                   "response_type": "code", "scope": "openid", "state": self._state, "nonce": self._nonce,
                   "code_challenge": challenge, "code_challenge_method": "S256"}  # fmt: skip
        return urlencode(members)

    def begin(self) -> Generator[Call, Answer, str]:
        """The query to go to the authorization endpoint with."""
        yield from ()
        return self.query

    def token_call(self, form: Mapping[str, str], path: str) -> Call:
        """The code's redemption."""
        return form_call("token", path, urlencode(form), self._party.basic)

    def userinfo_call(self, access_token: str, path: str) -> Call:
        """The use of a token."""
        return Call("userinfo", "GET", path, (("Authorization", f"Bearer {access_token}"),))

    def redeem(self, location: str, token_path: str, userinfo_path: str) -> Generator[Call, Answer, None]:
        """Exchange the code that an answer's address carries, and ask for the claims."""
        if not location.startswith(self._party.redirect_uri):
            raise WrongAnswer(f"not back at the client: {location}")
        answer = parse_qs(urlsplit(location).query)
        if answer.get("state") != [self._state] or "code" not in answer:
            raise WrongAnswer(f"not an answer to this request: {location}")
        form = {"grant_type": "authorization_code", "code": answer["code"][0],
                "redirect_uri": self._party.redirect_uri, "code_verifier": self._verifier}  # fmt: skip
        tokens = check_status((yield self.token_call(form, token_path)), 200, "token")
        members = json.loads(tokens.body)
        claims = _claims(members["id_token"])
        if claims["nonce"] != self._nonce:
            raise WrongAnswer("the ID token is for another request")
        userinfo = check_status((yield self.userinfo_call(members["access_token"], userinfo_path)), 200, "userinfo")
        if json.loads(userinfo.body)["sub"] != claims["sub"]:
            raise WrongAnswer("userinfo is about somebody else")


def _claims(id_token: str) -> dict[str, str]:
    payload = id_token.split(".")[1]
    claims: dict[str, str] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims
