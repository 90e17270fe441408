"""Where a browser may be sent back to: the registered redirect URI, matched exactly, and nowhere else.

Implements RFC 6749 §3.1.2, RFC 9700 §2.1 and §4.1, RFC 8252 §7 (native applications), RFC 9207 (``iss``).
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from idp.oidc.client import Client
from idp.oidc.encrypted_answer import Encryption, find_encryption
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.ports import ClientKeySource
from idp.oidc.response_mode import (
    DEFAULT_SIGNING_ALGORITHM,
    AuthorizationResponse,
    ResponseMode,
    parse_response_mode,
)

MAXIMUM_CHARACTERS: Final = 2000
# Only the IP literals: "localhost" may resolve to something else (RFC 8252 §7.3, §8.3).
_LOOPBACK: Final = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)")
_URI_CHARACTERS: Final = re.compile(r"[A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]+")
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[::1\]")
_PRIVATE_USE_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")
_LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "[::1]", "localhost"})
_ANSWER_PARAMETERS: Final = frozenset({"code", "state", "iss", "error", "error_description", "error_uri"})


@dataclass(frozen=True, slots=True)
class VerifiedRedirect:
    """A redirect URI that is proven to be the client's, with the ``state`` to give back and the way it wants answers.

    Made by ``verify_redirect_uri`` only; whoever holds one may answer to it. ``response_mode`` is the one asked for, so
    that a refusal goes back as an answer would; query where the request asks for one that does not exist. For a client
    that wants its answers encrypted it is a JWT's in any case, and ``encryption`` is there: nothing goes back in plain.
    ``is_untrusted`` says that nobody has looked at where it leads, so that a person is asked before going there (R4).
    """

    redirect_uri: str
    state: str | None
    response_mode: ResponseMode
    client_id: str
    signing_algorithm: str
    is_untrusted: bool = False
    encryption: Encryption | None = None

    @property
    def origin(self) -> str:
        """What CSP's ``form-action`` must name for a redirect to arrive: scheme, host and port, or a scheme alone."""
        return origin_of(self.redirect_uri)

    def success(self, code: str, issuer: str) -> AuthorizationResponse:
        """The response that carries a code (RFC 6749 §4.1.2, RFC 9207 §2)."""
        return self._respond({"code": code}, issuer)

    def error(self, error: OAuthError, issuer: str) -> AuthorizationResponse:
        """The response that carries an error (RFC 6749 §4.1.2.1, RFC 9207 §2)."""
        return self._respond(error.to_body(), issuer)

    def _respond(self, answer: dict[str, str], issuer: str) -> AuthorizationResponse:
        if self.state is not None:
            answer = {**answer, "state": self.state}
        return AuthorizationResponse(
            redirect_uri=self.redirect_uri,
            origin=self.origin,
            response_mode=self.response_mode,
            client_id=self.client_id,
            signing_algorithm=self.signing_algorithm,
            parameters={**answer, "iss": issuer},
            encryption=self.encryption,
        )


def origin_of(registered_uri: str) -> str:
    """The origin of a registered address as CSP names it: scheme, host and port, or a private-use scheme alone."""
    scheme, _, rest = registered_uri.partition("://")
    if scheme not in ("http", "https"):
        return registered_uri.partition(":")[0] + ":"
    return f"{scheme}://{re.split('[/?]', rest, maxsplit=1)[0]}"


def verify_redirect_uri(
    client: Client,
    unverified_redirect_uri: str | None,
    unverified_state: str | None,
    unverified_response_mode: str | None = None,
    keys: ClientKeySource | None = None,
) -> VerifiedRedirect:
    """Establish that the browser may be sent back to this URI with this client's answers.

    Takes:    keys, where clients' keys are; without them a client that wants encrypted answers gets none.
    Raises:   OAuthError invalid_request: missing, or not registered for this client. There is no target then: a page.
              NoEncryptionKey: whatever would be answered could not be encrypted, so there is no target either.
    Source:   OIDC Core §3.1.2.1 (simple string comparison); RFC 9700 §2.1, §4.1.3; RFC 8252 §7.3 (any port, for a
              native client's loopback URI); JARM §3.
    Stricter: ``redirect_uri`` is required though only one may be registered (OIDC Core requires it too).
    """
    if unverified_redirect_uri is None:
        raise OAuthError(ErrorCode.INVALID_REQUEST, "redirect_uri is required.", detail="no redirect_uri")
    if not _is_registered(client, unverified_redirect_uri):
        raise OAuthError(
            ErrorCode.INVALID_REQUEST,
            "redirect_uri is not registered for this client.",
            detail=f"redirect_uri is none of the {len(client.redirect_uris)} registered ones",
        )
    return VerifiedRedirect(
        redirect_uri=unverified_redirect_uri,
        state=unverified_state,
        response_mode=_mode_of_answers(client, unverified_response_mode, unverified_redirect_uri, unverified_state),
        client_id=client.client_id,
        signing_algorithm=client.options.authorization_signed_response_alg or DEFAULT_SIGNING_ALGORITHM,
        is_untrusted=client.is_untrusted,
        encryption=find_encryption(client, "authorization", keys),
    )


def _is_registered(client: Client, unverified_redirect_uri: str) -> bool:
    return any(
        unverified_redirect_uri == registered
        or (client.is_public and _is_same_but_port(registered, unverified_redirect_uri))
        for registered in client.redirect_uris
    )


def _mode_of_answers(
    client: Client, unverified_response_mode: str | None, redirect_uri: str, state: str | None
) -> ResponseMode:
    mode = _mode_or_query(unverified_response_mode, redirect_uri, state)
    if client.options.authorization_encrypted_response_alg is None:
        return mode
    # Also for the refusal of a request that asked for a plain mode.
    return "form_post.jwt" if mode.startswith("form_post") else "query.jwt"


def _mode_or_query(unverified_response_mode: str | None, redirect_uri: str, state: str | None) -> ResponseMode:
    try:
        return parse_response_mode(unverified_response_mode, redirect_uri, state)
    except OAuthError:
        # The request will be refused for it, and the refusal has to arrive somehow.
        return "query"


def _is_same_but_port(registered: str, unverified_redirect_uri: str) -> bool:
    expected = _LOOPBACK.fullmatch(registered)
    presented = _LOOPBACK.fullmatch(unverified_redirect_uri)
    if expected is None or presented is None:
        return False
    if presented[2] is not None and int(presented[2]) > 65535:
        return False
    return (expected[1], expected[3]) == (presented[1], presented[3])


def check_registrable_redirect_uri(uri: str, *, sandbox: bool, is_native: bool = False) -> None:
    """Refuse a redirect URI that could be mistaken, intercepted or used as an open redirector.

    Takes:    is_native, whether the client is an application on the person's own device (a public client).
    Raises:   OAuthError invalid_redirect_uri.
    Source:   RFC 6749 §3.1.2; RFC 9700 §2.1 (no http but native loopback); RFC 8252 §7.1 (a private-use scheme is a
              domain name in reverse, so it has a dot), §7.3; OIDC Registration §2.
    Stricter: lower-case host and scheme, so that equal addresses are equal strings; no answer parameter in the query.
    """
    if len(uri) > MAXIMUM_CHARACTERS or _URI_CHARACTERS.fullmatch(uri) is None:
        raise _refusal("a redirect URI is at most 2000 characters of RFC 3986, without a fragment")
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError as error:
        raise _refusal("a redirect URI could not be read") from error
    if parts.scheme in ("http", "https"):
        _check_web_uri(uri, parts.netloc, port, may_be_loopback_http=sandbox or is_native)
    else:
        _check_private_use_uri(uri, parts.netloc, is_native=is_native)
    if _ANSWER_PARAMETERS & {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}:
        raise _refusal("a redirect URI's query must not contain parameters of the answer")


def _check_private_use_uri(uri: str, netloc: str, *, is_native: bool) -> None:
    scheme, colon, _ = uri.partition(":")
    if not colon:
        raise _refusal("a redirect URI is a whole address: it begins with https://")
    if not is_native:
        raise _refusal(
            "a redirect URI is https; a scheme of its own is for application_type native with"
            " token_endpoint_auth_method none"
        )
    if _PRIVATE_USE_SCHEME.fullmatch(scheme) is None or netloc:
        raise _refusal(
            "a scheme of its own is a domain name in reverse, lower case, with one slash after the colon:"
            " com.example.app:/path"
        )


def _check_web_uri(uri: str, netloc: str, port: int | None, *, may_be_loopback_http: bool) -> None:
    if not uri.startswith(("https://", "http://")):
        raise _refusal("a redirect URI's scheme is written in lower case")
    if "*" in netloc:
        raise _refusal("a redirect URI names one host, never a wildcard: register each address")
    host = netloc if port is None else netloc.removesuffix(f":{port}")
    if "@" in netloc or _HOST.fullmatch(host) is None or port == 0:
        raise _refusal("a redirect URI has a host in lower case (A-labels), without user information")
    if uri.startswith("http://") and not (may_be_loopback_http and host in _LOOPBACK_HOSTS):
        raise _refusal(
            "http is only for this machine itself (127.0.0.1, [::1], localhost), and only for a native application"
            " or in a sandbox; otherwise https"
        )


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_REDIRECT_URI, description, detail=description)
