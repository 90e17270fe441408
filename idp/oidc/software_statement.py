"""Software statements: metadata of a client that an issuer whom the operator trusts has signed.

Implements RFC 7591 §2.3, §3.1.1; RFC 8725 (the algorithm follows the issuer's key, never the token alone).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.jwt_times import UntimelyJwt, check_stated_times
from idp.strict_json import JsonLimits, NotJson, read_json_object

StatementIssuers = Mapping[str, Mapping[str, Any]]
LIMIT_BYTES: Final = 16_384
_LIMITS: Final = JsonLimits(size_bytes=LIMIT_BYTES, depth=8)
_ALGORITHMS: Final = {"EC": ("ES256",), "RSA": ("RS256", "PS256")}
_TOKEN_CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})


def verify_software_statement(
    unverified_statement: str, issuers: StatementIssuers, *, audience: str, now: datetime
) -> dict[str, Any]:
    """Establish what a trusted issuer says about a client.

    Takes:    issuers, the JWK Set of each by its ``iss``; audience, our own issuer.
    Returns:  the metadata that it asserts, without the claims about the statement itself.
    Raises:   OAuthError unapproved_software_statement: of an issuer that is not trusted here;
              invalid_software_statement: unreadable, unsigned, signed by another key, past its time, for somebody else.
    Source:   RFC 7591 §2.3, §3.2.2; RFC 7519 §4.1.
    """
    encoded, header, claims = _read(unverified_statement)
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or issuer not in issuers:
        raise OAuthError(
            ErrorCode.UNAPPROVED_SOFTWARE_STATEMENT,
            "The issuer of the software statement is not accepted here.",
            detail="software_statement: unknown iss",
        )
    _check_signature(encoded, header, issuers[issuer])
    _check_times(claims, now)
    aud = claims.get("aud", audience)
    if audience not in (aud if isinstance(aud, list) else [aud]):
        raise _invalid("aud is somebody else")
    return {name: value for name, value in claims.items() if name not in _TOKEN_CLAIMS}


def _read(unverified_statement: str) -> tuple[bytes, dict[str, Any], dict[str, Any]]:
    try:
        encoded = unverified_statement.encode("ascii")
        if len(encoded) > LIMIT_BYTES:
            raise _invalid("too long")
        extracted = jws.extract_compact(encoded)
        header: object = extracted.headers()
        claims = read_json_object(extracted.payload, _LIMITS)
    except (JoseError, NotJson, ValueError, TypeError, RecursionError) as error:
        raise _invalid(f"unreadable: {type(error).__name__}") from error
    if not isinstance(header, dict) or "crit" in header:
        raise _invalid("header")
    return encoded, header, claims


def _check_signature(encoded: bytes, header: Mapping[str, Any], key_set: Mapping[str, Any]) -> None:
    algorithm, kid = header.get("alg"), header.get("kid")
    for jwk in key_set["keys"]:
        if algorithm not in _ALGORITHMS.get(jwk["kty"], ()) or jwk.get("alg", algorithm) != algorithm:
            continue
        if kid is not None and jwk.get("kid", kid) != kid:
            continue
        key = ECKey.import_key(jwk) if jwk["kty"] == "EC" else RSAKey.import_key(jwk)
        try:
            jws.deserialize_compact(encoded, key, algorithms=[str(algorithm)])
        except (JoseError, ValueError, TypeError):
            continue
        return
    raise _invalid("no key of the issuer verifies it")


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    try:
        check_stated_times(claims, now)
    except UntimelyJwt as error:
        raise _invalid(str(error)) from error


def _invalid(detail: str) -> OAuthError:
    return OAuthError(
        ErrorCode.INVALID_SOFTWARE_STATEMENT,
        "The software statement cannot be accepted.",
        detail=f"software_statement: {detail}",
    )
