"""A relying party of the profile fapi2: pushes its request, proves itself by its key, binds its tokens to another."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Generator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from joserfc import jws
from joserfc.jwk import ECKey

from bench.exchange import Answer, Call, check_status, form_call
from bench.relying_party import RelyingParty, Request

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class BoundRequest(Request):
    """One authorization request by RFC 9126, redeemed by RFC 7523 and RFC 9449."""

    def __init__(self, party: RelyingParty, issuer: str) -> None:
        super().__init__(party)
        self._issuer = issuer
        self._client_key = ECKey.import_key(party.private_key_pem)
        self._key = ECKey.generate_key("P-256")

    def begin(self) -> Generator[Call, Answer, str]:
        """Push; what is left is the reference."""
        credentials = {name: value for name, value in self._credentials().items() if name != "client_id"}
        form = f"{self.query}&{urlencode(credentials)}"
        pushed = check_status((yield form_call("par", "/par", form, self._proof("POST", "/par"))), 201, "par")
        return urlencode({"client_id": self._party.client_id, "request_uri": json.loads(pushed.body)["request_uri"]})

    def token_call(self, form: Mapping[str, str], path: str) -> Call:
        """The code's redemption."""
        return form_call("token", path, urlencode({**form, **self._credentials()}), self._proof("POST", path))

    def userinfo_call(self, access_token: str, path: str) -> Call:
        """The use of a token that is bound."""
        headers = (("Authorization", f"DPoP {access_token}"), self._proof("GET", path, access_token))
        return Call("userinfo", "GET", path, headers)

    def _credentials(self) -> dict[str, str]:
        now, client_id = int(time.time()), self._party.client_id
        claims = {"iss": client_id, "sub": client_id, "aud": self._issuer, "exp": now + 60, "jti": _identifier()}
        assertion = _sign({"alg": "ES256"}, claims, self._client_key)
        return {"client_id": client_id, "client_assertion_type": _ASSERTION_TYPE, "client_assertion": assertion}

    def _proof(self, method: str, path: str, access_token: str | None = None) -> tuple[str, str]:
        claims: dict[str, Any] = {
            "jti": _identifier(), "htm": method, "htu": self._issuer + path, "iat": int(time.time())
        }  # fmt: skip
        if access_token is not None:
            digest = hashlib.sha256(access_token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self._key.as_dict(private=False)}
        return "DPoP", _sign(header, claims, self._key)


def _sign(header: Mapping[str, Any], claims: Mapping[str, Any], key: ECKey) -> str:
    return jws.serialize_compact(dict(header), json.dumps(claims).encode(), key, algorithms=["ES256"])


def _identifier() -> str:
    return secrets.token_urlsafe(16)
