"""The one address that a finished sign-in may open. Protocol §3.4."""

import re
from typing import Final

from mynumber_card_agent.outcomes import AgentError, Outcome

_LONGEST: Final = 2048
# No percent sign, so that no encoded dot segment or control character can hide; no fragment, no user information.
_REST: Final = re.compile(
    r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*(?:\?[A-Za-z0-9._~=&-]*)?"
)


def parse_return_url(unverified: object, issuer: str) -> str:
    """Establish that an address lies at the issuer's own origin under its ``/card/return/``.

    Raises: AgentError(INVALID_ANSWER); such an address is never opened nor shown.
    Stricter: below the issuer's path where it has one, and without dot segments or escapes, which no token needs.
    """
    prefix = f"{issuer}/card/return/"
    if not isinstance(unverified, str) or len(unverified) > _LONGEST or not unverified.startswith(prefix):
        raise AgentError(Outcome.INVALID_ANSWER, "return_url: not below the issuer's /card/return/")
    if _REST.fullmatch(unverified[len(prefix) :]) is None:
        raise AgentError(Outcome.INVALID_ANSWER, "return_url: characters that a return address does not need")
    return unverified
