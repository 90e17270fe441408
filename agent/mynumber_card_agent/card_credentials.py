"""The two credentials of the card as data: files, PIN and key references.

Source: OpenSC's jpki driver and others, agreeing; J-LIS's own specification is not public.
"""

import re
from dataclasses import dataclass
from typing import Final

from mynumber_card_agent.outcomes import AgentError, Outcome


@dataclass(frozen=True, slots=True)
class CardCredential:
    """One key of the JPKI application with its certificate and PIN (elementary files by identifier)."""

    purpose: str
    certificate_file: int
    pin_file: int
    key_file: int
    pin_form: re.Pattern[bytes]


USER_AUTHENTICATION: Final = CardCredential("user-authentication", 0x000A, 0x0018, 0x0017, re.compile(rb"[0-9]{4}"))
DIGITAL_SIGNATURE: Final = CardCredential("digital-signature", 0x0001, 0x001B, 0x001A, re.compile(rb"[0-9A-Z]{6,16}"))
# The signing key is described but not used: this version does not ask for a declaration of will.
SUPPORTED: Final = {USER_AUTHENTICATION.purpose: USER_AUTHENTICATION}


def get_credential(purpose: str) -> CardCredential:
    """The credential that a purpose asks for.

    Raises: AgentError(UNSUPPORTED_PURPOSE).
    """
    credential = SUPPORTED.get(purpose)
    if credential is None:
        raise AgentError(Outcome.UNSUPPORTED_PURPOSE, "only user-authentication is supported by this version")
    return credential
