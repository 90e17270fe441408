"""Client authentication at the endpoints that clients call: by exactly the method each is registered for.

Implements RFC 6749 §2.3 and §3.2.1, OIDC Core §9, RFC 7523 §2.2; RFC 8705 §2; RFC 9700 §2.5.
"""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import unquote_plus

from idp.identifiers import hash_secret
from idp.oidc.client import Client, TokenEndpointAuthMethod
from idp.oidc.client_assertion import ASSERTION_TYPE, check_client_assertion, find_unverified_client_id
from idp.oidc.client_certificate import (
    CertificateRefused,
    PresentedCertificate,
    check_registered_certificate,
    check_registered_subject,
)
from idp.oidc.discovery import TLS_METHODS
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import Parameters
from idp.oidc.ports import ClientAdmission, ClientStore, OnceStore

_BASIC: Final = re.compile(r"basic +([A-Za-z0-9+/]+={0,2})", re.IGNORECASE)
_MAXIMUM_HEADER_CHARACTERS: Final = 4096
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Compared with where there is nothing to compare with, so that an unknown client costs what a known one does.
_NO_SECRET_HASH: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class _Presented:
    """What the request claims: by which method, as whom, with what. Nothing of it is checked."""

    method: TokenEndpointAuthMethod
    client_id: str
    unverified_credential: str


def authenticate_client(
    parameters: Parameters,
    authorization_header: str | None,
    clients: ClientStore,
    once: OnceStore,
    *,
    issuer: str,
    endpoint_url: str,
    now: datetime,
    certificate: PresentedCertificate | None = None,
    admission: ClientAdmission | None = None,
) -> Client:
    """Establish which client is asking.

    Takes:    parameters of the body alone; the Authorization header as it came; endpoint_url, the address called;
              certificate, what the trusted proxy tells of the TLS connection, None for nothing; admission, where the
              request is counted against the client that it has proven to be from, None for nowhere.
    Returns:  the client; a public one is identified by its client_id only.
    Raises:   OAuthError invalid_request: two methods at once; invalid_client for everything else, without saying which.
    Source:   RFC 6749 §2.3, §3.2.1, §5.2; RFC 7523 §3; RFC 8705 §2; RFC 9700 §2.5.
    Stricter: a method other than the registered one is refused, so that nobody picks the weakest; 401 with a challenge
              in every case, because RFC 9110 §15.5.2 has no 401 without one.
    """
    presented = _read_presented(parameters, authorization_header)
    client = clients.find_client(presented.client_id)
    _check_secret(presented, client)
    if client is None:
        raise _refusal("unknown client_id")
    if presented.method == "none" and client.token_endpoint_auth_method in TLS_METHODS:
        _check_certificate(certificate, client, now)
    elif client.token_endpoint_auth_method != presented.method:
        raise _refusal(f"{presented.method} is not the registered method")
    elif presented.method == "private_key_jwt":
        check_client_assertion(
            presented.unverified_credential,
            client,
            clients,
            once,
            issuer=issuer,
            endpoint_url=endpoint_url,
            now=now,
            admission=admission,
        )
    # Only now: what anybody may claim must not use up what is the client's.
    if admission is not None:
        admission.admit(client)
    return client


def _check_certificate(certificate: PresentedCertificate | None, client: Client, now: datetime) -> None:
    # RFC 8705 §2: the client_id says who it claims to be, TLS has proven that it holds the certificate's key.
    if certificate is None:
        raise _refusal("no client certificate")
    try:
        if client.token_endpoint_auth_method == "tls_client_auth":
            check_registered_subject(certificate, client, now)
        else:
            check_registered_certificate(certificate, client, now)
    except CertificateRefused as refusal:
        raise _refusal(f"client certificate: {refusal}") from refusal


def _check_secret(presented: _Presented, client: Client | None) -> None:
    if presented.method not in ("client_secret_basic", "client_secret_post"):
        return
    expected = _NO_SECRET_HASH
    if client is not None and client.secret_hash is not None:
        expected = client.secret_hash
    if not hmac.compare_digest(hash_secret(presented.unverified_credential), expected):
        raise _refusal("wrong client_secret or unknown client_id")


def _read_presented(parameters: Parameters, authorization_header: str | None) -> _Presented:
    client_id = parameters.get("client_id")
    secret = parameters.get("client_secret")
    assertion = parameters.get("client_assertion")
    assertion_type = parameters.get("client_assertion_type")
    if sum((authorization_header is not None, secret is not None, (assertion or assertion_type) is not None)) > 1:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST,
            "More than one client authentication method is used.",
            detail="two client authentication methods",
        )
    if authorization_header is not None:
        presented = _read_basic(authorization_header)
    elif assertion is not None or assertion_type is not None:
        presented = _read_assertion(assertion, assertion_type)
    elif client_id is None:
        raise _refusal("no client_id and no credential")
    elif secret is not None:
        presented = _Presented("client_secret_post", client_id, secret)
    else:
        presented = _Presented("none", client_id, "")
    if client_id is not None and client_id != presented.client_id:
        raise _refusal("client_id differs from the credential's")
    return presented


def _read_basic(authorization_header: str) -> _Presented:
    match = _BASIC.fullmatch(authorization_header)
    if match is None or len(authorization_header) > _MAXIMUM_HEADER_CHARACTERS:
        raise _refusal("the Authorization header is not Basic")
    try:
        decoded = base64.b64decode(match[1], validate=True).decode("ascii")
        encoded_id, separator, encoded_secret = decoded.partition(":")
        if not separator or _BROKEN_ESCAPE.search(decoded) is not None:
            raise _refusal("Basic credentials are malformed")
        # RFC 6749 §2.3.1: both are form-urlencoded before they are joined.
        client_id = unquote_plus(encoded_id, errors="strict")
        secret = unquote_plus(encoded_secret, errors="strict")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _refusal("Basic credentials are malformed") from error
    if not client_id or not secret:
        raise _refusal("Basic credentials are empty")
    return _Presented("client_secret_basic", client_id, secret)


def _read_assertion(assertion: str | None, assertion_type: str | None) -> _Presented:
    if assertion is None or assertion_type != ASSERTION_TYPE:
        raise _refusal("client_assertion_type is not that of a JWT, or one of the pair is missing")
    client_id = find_unverified_client_id(assertion)
    if client_id is None:
        raise _refusal("client_assertion cannot be read")
    return _Presented("private_key_jwt", client_id, assertion)


def _refusal(detail: str) -> OAuthError:
    return OAuthError(
        ErrorCode.INVALID_CLIENT, "Client authentication failed.", detail=detail, authenticate='Basic realm="client"'
    )
