"""From a link to a configured issuer and a handle. A link chooses among issuers and can never add one. Protocol §2."""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from mynumber_card_agent.outcomes import AgentError, Outcome

SCHEME: Final = "mynumber-card"
_LINK_LIMIT: Final = 4096
# What follows the handle after a delimiter is ignored, as the protocol demands; it is not read, let alone used.
_SCHEME_LINK: Final = re.compile(r"mynumber-card:([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})(?:[?#&/].*)?", re.IGNORECASE)
_FRAGMENT: Final = re.compile(r"([A-Za-z0-9_-]{43})(?:[?#&/].*)?")


@dataclass(frozen=True, slots=True)
class Invitation:
    """One transaction at one configured issuer. The handle stays out of representations."""

    issuer: str
    handle: str = field(repr=False)


def make_tag(issuer: str) -> str:
    """The 22 characters that stand for an issuer in a link.

    Returns: base64url of the first 16 bytes of SHA-256 over the issuer's ASCII text.
    """
    digest = hashlib.sha256(issuer.encode("ascii")).digest()[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def parse_link(link: str, issuers: Iterable[str]) -> Invitation:
    """Find the configured issuer that a link means, without any network access.

    Takes:  ``mynumber-card:{tag}.{handle}`` or ``{issuer}/card#{handle}``.
    Raises: AgentError(INVALID_LINK): neither form. AgentError(UNKNOWN_ISSUER): an issuer nobody configured.
    """
    if len(link) > _LINK_LIMIT or not link.isascii() or not link.isprintable():
        raise AgentError(Outcome.INVALID_LINK, "too long, or characters that no link has")
    if (by_scheme := _SCHEME_LINK.fullmatch(link)) is not None:
        tag, handle = by_scheme.groups()
        for issuer in issuers:
            if make_tag(issuer) == tag:
                return Invitation(issuer, handle)
        raise AgentError(Outcome.UNKNOWN_ISSUER, "the link's tag belongs to no configured issuer")
    address, separator, fragment = link.partition("#")
    in_fragment = _FRAGMENT.fullmatch(fragment)
    if not separator or in_fragment is None or not address.startswith(("https://", "http://")):
        raise AgentError(Outcome.INVALID_LINK, "neither form of a card link")
    for issuer in issuers:
        if address.partition("?")[0] == f"{issuer}/card":
            return Invitation(issuer, in_fragment.group(1))
    raise AgentError(Outcome.UNKNOWN_ISSUER, "the link's address belongs to no configured issuer")
