"""By what the operator knows us: a client certificate, or a signed assertion with each request.

Source: RFC 7523 §2.2, §3 (the assertion's members); RFC 8705 (mutual TLS); docs/platform-operator-api.md, "Who asks".
"""

import ssl
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from idp.clock import to_epoch_seconds
from idp.identifiers import new_identifier

ASSERTION_LIFE: Final = timedelta(seconds=60)
_CURVE: Final = "P-256"


class OperatorCredentialsUnusable(Exception):
    """A configured key or certificate cannot be used; the message is for the operator and never shows a key."""


class AssertionSigner:
    """``private_key_jwt``: an ES256 assertion that is bound to one request.

    Takes: client_id, under which the operator has our public key; audience, the operator's base address.
    """

    def __init__(self, client_id: str, audience: str, private_key_pem: str) -> None:
        try:
            key = ECKey.import_key(private_key_pem)
        except (JoseError, ValueError, TypeError) as error:
            raise OperatorCredentialsUnusable("the private key is not an EC key in PEM") from error
        if not key.is_private or key.curve_name != _CURVE:
            raise OperatorCredentialsUnusable(f"a private key on {_CURVE} is expected")
        self._client_id = client_id
        self._audience = audience
        self._key = key

    def sign(self, request_hash: str, now: datetime) -> str:
        """The value of the Authorization header.

        Takes: request_hash, the SHA-256 of the body, base64url: a stolen assertion is good for this request only.
        """
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": self._audience,
            "iat": to_epoch_seconds(now),
            "exp": to_epoch_seconds(now + ASSERTION_LIFE),
            "jti": new_identifier(),
            "request_hash": request_hash,
        }
        header = {"alg": "ES256", "typ": "JWT", "kid": self._key.thumbprint()}
        return f"Bearer {jwt.encode(header, claims, self._key, algorithms=['ES256'])}"


def make_tls_context(
    authority_file: Path | None, certificate_file: Path | None, key_file: Path | None
) -> ssl.SSLContext:
    """How the operator's server is recognised, and, with the latter two, how it recognises us.

    Takes:  authority_file, PEM, the only authorities believed for this host; None for the machine's own.
    Raises: OperatorCredentialsUnusable.
    Source: RFC 8705 §2; RFC 9325 §3.1.1 (TLS 1.2 and later).
    """
    try:
        context = ssl.create_default_context(cafile=None if authority_file is None else str(authority_file))
        if certificate_file is not None:
            context.load_cert_chain(str(certificate_file), None if key_file is None else str(key_file), _no_passphrase)
    except (OSError, ValueError) as error:
        raise OperatorCredentialsUnusable("the TLS certificate, key or authorities cannot be read") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _no_passphrase() -> str:
    # Otherwise OpenSSL would ask on the terminal of a service that has none.
    raise ValueError("the key has a passphrase")
