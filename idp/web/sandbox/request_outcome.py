"""What became of a client's request, in words: which outcomes have a cause and a cure in the catalogues."""

from typing import Any, Final

from idp.assurance.evaluation import Omission
from idp.client_journal import ClientNote
from idp.oidc.claims_release import LEFT_OUT
from idp.oidc.constant_value import CONSTANT_NONCE
from idp.oidc.errors import ErrorCode
from idp.web.page_reason import PageReason

ANSWERED: Final = "answered"
# Beside the registered codes: what is noted though nothing was refused.
TOLD_OUTCOMES: Final = (
    CONSTANT_NONCE,
    LEFT_OUT,
    Omission.UNSUPPORTED.value,
    Omission.NOT_REGISTERED.value,
    Omission.TRUST_FRAMEWORK_NOT_MET.value,
    Omission.VERIFICATION_NOT_MET.value,
)
# What is answered with 429 has no registered code.
ERROR_CODES: Final = (*(code.value for code in ErrorCode), PageReason.TOO_MANY_REQUESTS.value)
_WORDED: Final = frozenset((*ERROR_CODES, *TOLD_OUTCOMES))
_LONGEST_PLACE: Final = 100
_LONGEST_DETAIL: Final = 300


def describe_note(note: ClientNote) -> dict[str, Any]:
    """One note as the page shows it; whatever may come from a client is cut to a length."""
    return {
        "at": note.at,
        "where": note.where[:_LONGEST_PLACE],
        "outcome": note.outcome[:_LONGEST_PLACE],
        "is_answered": note.outcome == ANSWERED,
        "is_refused": note.outcome != ANSWERED and note.outcome not in TOLD_OUTCOMES,
        "is_worded": note.outcome in _WORDED,
        "detail": note.detail[:_LONGEST_DETAIL],
        "reference": note.reference[:_LONGEST_PLACE],
    }
