"""How a run can end: one closed list, with the exit status and what the provider's page is told.

``README.md`` prints the same table; a test compares the two.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """Every end but success. A text in two languages stands beside each in ``texts``."""

    NO_READER = "no_reader"
    NO_CARD = "no_card"
    WRONG_CARD = "wrong_card"
    NO_CERTIFICATE = "no_certificate"
    WRONG_PIN = "wrong_pin"
    LOCKED = "locked"
    REMOVED = "removed"
    TIMEOUT = "timeout"
    LAST_TRY = "last_try"
    PIN_FORM = "pin_form"
    CARD_FAILED = "card_failed"
    UNSUPPORTED_KEY = "unsupported_key"
    READER_BUSY = "reader_busy"
    UNKNOWN_ISSUER = "unknown_issuer"
    INVALID_LINK = "invalid_link"
    NOT_A_SANDBOX = "not_a_sandbox"
    INVALID_ANSWER = "invalid_answer"
    CARD_REFUSED = "card_refused"
    REQUEST_REFUSED = "request_refused"
    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"
    UNTRUSTED_SERVER = "untrusted_server"
    CANCELLED = "cancelled"
    BUSY = "busy"
    NO_DIALOG = "no_dialog"
    NO_BROWSER = "no_browser"
    CONFIGURATION = "configuration"


@dataclass(frozen=True, slots=True)
class Meaning:
    """An outcome's exit status, and the ``reason`` that the page hears (protocol §3.5), None for silence."""

    exit_status: int
    cancel_reason: str | None = None


# The protocol's reasons are fewer than ours. A stop before the last try is told as wrong_pin (the page then speaks
# of the PIN, which is the matter), a card that misbehaves as removed (the page then says: put it on again).
MEANINGS: Final[dict[Outcome, Meaning]] = {
    Outcome.NO_READER: Meaning(10, "no_reader"),
    Outcome.NO_CARD: Meaning(11, "no_card"),
    Outcome.WRONG_CARD: Meaning(12, "wrong_card"),
    Outcome.NO_CERTIFICATE: Meaning(13, "no_certificate"),
    Outcome.WRONG_PIN: Meaning(14, "wrong_pin"),
    Outcome.LOCKED: Meaning(15, "locked"),
    Outcome.REMOVED: Meaning(16, "removed"),
    Outcome.TIMEOUT: Meaning(17, "timeout"),
    Outcome.LAST_TRY: Meaning(18, "wrong_pin"),
    Outcome.PIN_FORM: Meaning(19, "wrong_pin"),
    Outcome.CARD_FAILED: Meaning(20, "removed"),
    Outcome.UNSUPPORTED_KEY: Meaning(21, "wrong_card"),
    Outcome.READER_BUSY: Meaning(22, "no_reader"),
    Outcome.UNKNOWN_ISSUER: Meaning(30),
    Outcome.INVALID_LINK: Meaning(31),
    Outcome.NOT_A_SANDBOX: Meaning(32),
    Outcome.INVALID_ANSWER: Meaning(34, "cancelled"),
    Outcome.CARD_REFUSED: Meaning(40),
    Outcome.REQUEST_REFUSED: Meaning(41),
    Outcome.UNAVAILABLE: Meaning(42),
    Outcome.UNREACHABLE: Meaning(43),
    Outcome.UNTRUSTED_SERVER: Meaning(44),
    Outcome.CANCELLED: Meaning(50, "cancelled"),
    Outcome.BUSY: Meaning(51),
    Outcome.NO_DIALOG: Meaning(52, "cancelled"),
    Outcome.NO_BROWSER: Meaning(53),
    Outcome.CONFIGURATION: Meaning(54, "cancelled"),
}


class AgentError(Exception):
    """The one family of errors of this program.

    ``detail`` is for whoever reports a fault; it never holds a PIN, a secret, a certificate or bytes of the card.
    ``code`` and ``reference`` are the provider's, ``tries_left`` the card's; ``purpose``, once it is known, chooses the
    words: a PIN, or the signing password.
    """

    def __init__(
        self, outcome: Outcome, detail: str = "", *, code: str = "", reference: str = "", tries_left: int | None = None
    ) -> None:
        super().__init__(f"{outcome.value}: {detail}" if detail else outcome.value)
        self.outcome = outcome
        self.detail = detail
        self.code = code
        self.reference = reference
        self.tries_left = tries_left
        self.purpose = ""
