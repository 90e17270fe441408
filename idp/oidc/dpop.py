"""DPoP proofs: a JWT that only the holder of a key could have made for this very request (RFC 9449)."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from idp.clock import from_epoch_seconds
from idp.identifiers import encode_base64url
from idp.oidc.dpop_key import PROOF_ALGORITHMS, ProofKey, parse_proof_key
from idp.oidc.dpop_nonce import DPoPNonces
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.jwt_parts import NotAToken, UnverifiedToken, parse_compact
from idp.oidc.ports import OnceStore

MAXIMUM_CHARACTERS: Final = 4096
# FAPI 2.0 §5.3.2.1: clocks a little ahead are accepted, more than 60 seconds are not.
MAXIMUM_AHEAD: Final = timedelta(seconds=60)
# RFC 9449 §11.1: a relatively brief period; whose clock is worse is helped by the nonce.
MAXIMUM_AGE: Final = timedelta(seconds=120)
_MAXIMUM_JTI_CHARACTERS: Final = 256
_LAST_NUMERIC_DATE: Final = 253_402_300_799  # 9999-12-31, where datetime ends
_HEADER_MEMBERS: Final = frozenset({"typ", "alg", "jwk"})
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_ESCAPE: Final = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]")


@dataclass(frozen=True, slots=True)
class ProofPolicy:
    """What proofs are held to here, whoever sends them.

    ``aliases`` are the addresses at which endpoints are also reached, for mutual TLS (RFC 8705 §5), by their own.
    """

    once: OnceStore
    nonces: DPoPNonces
    is_nonce_required: bool
    aliases: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PresentedProof:
    """The ``DPoP`` header of a request as it came, and the request: ``url`` is our own address, not the Host's."""

    unverified_proof: str
    method: str
    url: str


def verify_proof(
    presented: PresentedProof,
    policy: ProofPolicy,
    now: datetime,
    *,
    access_token: str | None = None,
    bound_to: str | None = None,
) -> str:
    """Establish that the sender of this request holds a private key, and that this proof was not used before.

    Takes:    access_token, the one presented beside the proof at a protected resource; None at the token endpoint;
              bound_to, the thumbprint of the key that it is bound to.
    Returns:  ``jkt``, the thumbprint of the key: 43 base64url characters (RFC 7638, SHA-256).
    Raises:   OAuthError invalid_dpop_proof; invalid_token, another key; use_dpop_nonce, with the nonce to use: only a
              nonce is missing then, or the answer would cost whoever has no key nothing.
    Effect:   the ``jti`` is remembered for as long as the proof's ``iat`` could be accepted; last, so that nobody
              without a key makes us write.
    Source:   RFC 9449 §4.3, in its numbering.
    Stricter: header members beyond typ, alg, jwk and kid are refused; a nonce that is sent must be one of ours even
              where none is required.
    """
    # 1 One header: what a gateway joined with a comma is no JWT. 2 One well-formed JWT.
    token = _parse(presented.unverified_proof)
    # 4-6 Type, an algorithm of ours with a key of its kind; 8 nothing private in it.
    key = _parse_header(token.header)
    # 3, 7 All claims that are required; the signature verifies with the key in the header.
    if not key.verifies(token.signing_input, token.signature):
        raise _refusal("the signature does not verify with jwk")
    jti = _get_text(token.claims, "jti")
    # 9 This method; 10 this address.
    if _get_text(token.claims, "htm") != presented.method:
        raise _refusal("htm is another method")
    urls = (presented.url, policy.aliases.get(presented.url, presented.url))
    if _normalise(_get_text(token.claims, "htu")) not in map(_normalise, urls):
        raise _refusal("htu is another address")
    # 13 The access token that it goes with, and the key that this is bound to.
    if access_token is not None:
        _check_access_token_hash(_get_text(token.claims, "ath"), access_token)
    if bound_to is not None and bound_to != key.thumbprint:
        raise OAuthError(ErrorCode.INVALID_TOKEN, "The access token is bound to another key.", detail="another key")
    # 12 The time, 11 the nonce: after all else that the same proof, sent again, would be refused for.
    issued_at = _check_issued_at(token.claims, now)
    _check_nonce(token.claims, policy, now)
    # RFC 9449 §11.1: once.
    digest = hashlib.sha256(json.dumps([key.thumbprint, jti]).encode("ascii")).digest()
    if not policy.once.insert_once("dpop_proof", encode_base64url(digest), issued_at + MAXIMUM_AGE + MAXIMUM_AHEAD):
        raise _refusal("jti was used before")
    return key.thumbprint


def verify_pushed_key(
    dpop_jkt: str | None, presented: PresentedProof | None, policy: ProofPolicy, now: datetime
) -> str | None:
    """The key that the code of a pushed authorization request is bound to, from its parameter or its DPoP header.

    Takes:   dpop_jkt, the parameter, whose form ``check_dpop_jkt`` has seen; presented, None without a DPoP header.
    Returns: the thumbprint; None if the request names no key.
    Raises:  OAuthError as ``verify_proof``; invalid_request if the two name different keys.
    Source:  RFC 9449 §10.1.
    """
    if presented is None:
        return dpop_jkt
    jkt = verify_proof(presented, policy, now)
    if dpop_jkt is not None and dpop_jkt != jkt:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST, "dpop_jkt is not the key of the DPoP proof.", detail="dpop_jkt differs"
        )
    return jkt


def missing_proof() -> OAuthError:
    """The refusal of a request that should have carried a proof and carries none."""
    return OAuthError(ErrorCode.INVALID_DPOP_PROOF, "A DPoP proof is required.", detail="no DPoP header")


def _parse(unverified_proof: str) -> UnverifiedToken:
    try:
        return parse_compact(unverified_proof, maximum_characters=MAXIMUM_CHARACTERS)
    except NotAToken as error:
        raise _refusal(f"not one JWT: {error}") from error


def _parse_header(header: Mapping[str, Any]) -> ProofKey:
    if not _HEADER_MEMBERS <= header.keys() <= _HEADER_MEMBERS | {"kid"}:
        raise _refusal("the header's members are not typ, alg and jwk")
    if header["typ"] != "dpop+jwt":
        raise _refusal("typ is not dpop+jwt")
    alg = header["alg"]
    if not isinstance(alg, str) or alg not in PROOF_ALGORITHMS:
        raise _refusal("alg is not allowed")
    try:
        return parse_proof_key(header["jwk"], alg)
    except ValueError as error:
        raise _refusal(f"jwk: {error}") from error


def _get_text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    limit = _MAXIMUM_JTI_CHARACTERS if name == "jti" else MAXIMUM_CHARACTERS
    if not isinstance(value, str) or not 0 < len(value) <= limit:
        raise _refusal(f"{name} is missing or not a text")
    return value


def _check_nonce(claims: Mapping[str, Any], policy: ProofPolicy, now: datetime) -> None:
    nonce = claims.get("nonce")
    if nonce is None and not policy.is_nonce_required:
        return
    if not isinstance(nonce, str) or not policy.nonces.is_valid(nonce, now):
        raise OAuthError(
            ErrorCode.USE_DPOP_NONCE,
            "The DPoP proof needs the nonce in the DPoP-Nonce header of this answer.",
            detail="no nonce" if nonce is None else "not a nonce of now",
            headers=(("DPoP-Nonce", policy.nonces.current(now)),),
        )


def _check_issued_at(claims: Mapping[str, Any], now: datetime) -> datetime:
    value = claims.get("iat")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_NUMERIC_DATE:
        raise _refusal("iat is missing or not a NumericDate")
    issued_at = from_epoch_seconds(int(value))
    if not now - MAXIMUM_AGE <= issued_at <= now + MAXIMUM_AHEAD:
        raise _refusal("iat is not now")
    return issued_at


def _check_access_token_hash(ath: str, access_token: str) -> None:
    expected = encode_base64url(hashlib.sha256(access_token.encode("ascii")).digest())
    if not hmac.compare_digest(ath.encode("utf-8", "surrogatepass"), expected.encode("ascii")):
        raise _refusal("ath is not this access token's")


def _normalise(url: str) -> tuple[str, str, int | None, str]:
    """Scheme, host, port and path of an address, in one spelling.

    Source: RFC 9449 §4.3 (9): query and fragment are ignored; RFC 3986 §6.2.2.1, §6.2.2.2 (case, percent-encoding),
            §6.2.3 (default port, empty path).
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refusal("htu is not an address") from error
    if parts.username is not None or parts.password is not None:
        raise _refusal("htu has user information")
    path = _ESCAPE.sub(_normalise_escape, parts.path) or "/"
    return parts.scheme, parts.hostname or "", port or _DEFAULT_PORTS.get(parts.scheme), path


def _normalise_escape(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()


def _refusal(detail: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_DPOP_PROOF, "The DPoP proof is not valid.", detail=f"DPoP: {detail}")
