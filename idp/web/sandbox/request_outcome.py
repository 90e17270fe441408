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
# What to do where a code alone does not say it: outcome, where it happened and how its detail begins (empty: anyhow),
# and the sentence client_cure.… The first row that fits counts. Whoever registered a client here has no shell of ours.
_CURES: Final = (
    ("invalid_request", "", "redirect_uri is none of", "redirect_uri"),
    ("invalid_request", "", "no redirect_uri", "redirect_uri"),
    ("invalid_request", "", "no code_challenge", "pkce"),
    ("invalid_request", "", "PKCE is not S256", "pkce"),
    ("invalid_request", "", "malformed code_challenge", "pkce"),
    ("invalid_request", "", "no key of the client with use enc", "encryption_key"),
    ("invalid_request", "", "post_logout_redirect_uri is none of", "post_logout_redirect_uri"),
    ("invalid_request", "GET /authorize", "", "authorization_request"),
    ("invalid_request", "POST /authorize", "", "authorization_request"),
    ("invalid_request", "POST /par", "", "authorization_request"),
    ("invalid_request", "GET /end-session", "", "logout_request"),
    ("invalid_request", "POST /end-session", "", "logout_request"),
    ("temporarily_unavailable", "", "jwks_uri:", "jwks_uri"),
    ("invalid_request_object", "", "jwks_uri:", "jwks_uri"),
    ("invalid_client", "", "jwks_uri:", "jwks_uri"),
    ("invalid_client", "", "", "invalid_client"),
    ("not_registered", "", "", "not_registered"),
)
CURES: Final = frozenset(name for *_, name in _CURES)
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
        "cure": _find_cure(note),
        "detail": note.detail[:_LONGEST_DETAIL],
        "reference": note.reference[:_LONGEST_PLACE],
    }


def _find_cure(note: ClientNote) -> str | None:
    if note.outcome not in _WORDED:
        return None
    for outcome, where, detail, name in _CURES:
        if note.outcome == outcome and where in ("", note.where) and note.detail.startswith(detail):
            return f"client_cure.{name}"
    return f"client_error.{note.outcome}.cure"
