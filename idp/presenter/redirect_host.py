"""Where a sign-in leads, in the form in which a person can judge it (protocol §3.2)."""

import re
from typing import Final
from urllib.parse import urlsplit

_REDIRECT_URI_CHARACTERS: Final = 2000
# RFC 3986 §4.3, absolute-URI: exactly its characters and no fragment. A backslash, which browsers read as a slash, and
# user information, which reads like a host, have no place in an address that a person is to judge.
_ABSOLUTE_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")
_IP_LITERAL: Final = re.compile(r"[0-9a-f:.]*:[0-9a-f:.]*")


class UnjudgeableRedirect(ValueError):
    """The address does not show a person where it leads."""


def parse_redirect_host(redirect_uri: str) -> str:
    """The name that a person judges: a host, or the scheme of an app.

    Returns: the host in lower case, an IPv6 address in brackets; for an address without a host, its scheme with the
             colon (an app's own, RFC 8252 §7.1).
    Raises:  UnjudgeableRedirect: no absolute URI of at most 2,000 ASCII characters, user information, a port that is
             none, a host that is neither an A-label nor an address.
    Source:  card presenter protocol §3.2; RFC 3986 §3.2, §4.3.
    """
    if len(redirect_uri) > _REDIRECT_URI_CHARACTERS or _ABSOLUTE_URI.fullmatch(redirect_uri) is None:
        raise UnjudgeableRedirect("no absolute URI")
    try:
        parts = urlsplit(redirect_uri)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UnjudgeableRedirect("a malformed host or port") from None
    if "@" in parts.netloc or port == 0:
        raise UnjudgeableRedirect("user information or a malformed port")
    if not parts.netloc:
        if parts.scheme in ("http", "https"):
            raise UnjudgeableRedirect("no host")
        return f"{parts.scheme}:"
    if _IP_LITERAL.fullmatch(host):
        return f"[{host}]"
    if not _NAME.fullmatch(host):
        raise UnjudgeableRedirect("a host that is neither an A-label nor an address")
    return host


def is_judgeable_redirect_uri(redirect_uri: str) -> bool:
    """Whether a person can be shown this address before they sign."""
    try:
        parse_redirect_host(redirect_uri)
    except UnjudgeableRedirect:
        return False
    return True
