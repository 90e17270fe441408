"""Addresses in a registration that this provider will call itself: what can be refused before anybody is called.

The network's own guard (``outbound.network_guard``) judges what the name resolves to, at every call; this is only the
form, so that a mistake is told to who registers and not found in a log.
Source: RFC 7591 §5, OIDC Registration §9.2; OWASP SSRF prevention.
"""

import re
from typing import Final

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.redirect_uri import check_registrable_redirect_uri

# Python, C libraries and browsers disagree about what 0x7f.1, 017700000001 and 2130706433 are; a name ends in letters.
_LAST_LABEL: Final = re.compile(r"https?://(?:[^/?]*\.)?([a-z][a-z0-9-]*)(?::[0-9]{1,5})?(?:[/?]|$)")
_LOOPBACK: Final = re.compile(r"https?://(?:127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(?:[/?]|$)")


def check_fetchable_address(member: str, url: str, *, sandbox: bool) -> None:
    """Refuse an address that is not https, or whose host is not a plain name.

    Takes:    sandbox, where http and addresses of this very machine are in order.
    Raises:   OAuthError invalid_client_metadata.
    Stricter: an address of digits is refused, in every notation; clients have names.
    """
    try:
        check_registrable_redirect_uri(url, sandbox=sandbox)
    except OAuthError as error:
        raise _refusal(member) from error
    if _LAST_LABEL.match(url) is None and not (sandbox and _LOOPBACK.match(url)):
        raise _refusal(member)


def _refusal(member: str) -> OAuthError:
    text = f"{member} is an https address with the name of a host, without a fragment and without user information"
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, text, detail=text)
