"""What a person still has to do before a client may have an answer; decided from the request and what is known.

Implements OIDC Core §3.1.2.1 (``prompt``, ``max_age``, ``acr_values``, ``id_token_hint``), §3.1.2.3, §3.1.2.4,
§3.1.2.6 and §11.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from idp.clock import to_epoch_seconds
from idp.oidc.acr import find_asked_levels, is_status_checked, satisfies
from idp.oidc.authorization_request import AuthorizationRequest
from idp.oidc.browser_session import BrowserSession
from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError


class Step(StrEnum):
    """The next thing to happen."""

    SIGN_IN = "sign_in"
    CONSENT = "consent"
    NOTHING = "nothing"


class Reason(StrEnum):
    """Why it has to happen."""

    NO_SESSION = "no_session"
    PROMPT_LOGIN = "prompt_login"
    PROMPT_SELECT_ACCOUNT = "prompt_select_account"
    MAX_AGE = "max_age"
    STATUS_STALE = "status_stale"
    ACR_VALUES = "acr_values"
    ID_TOKEN_HINT = "id_token_hint"
    PROMPT_CONSENT = "prompt_consent"
    NOT_CONSENTED = "not_consented"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Interaction:
    """The next step and its reason."""

    step: Step
    reason: Reason


def next_step(
    request: AuthorizationRequest,
    client: Client,
    session: BrowserSession | None,
    *,
    consented: frozenset[str] | None,
    session_sub: str | None,
    issuer: str,
    now: datetime,
    authenticated_at: datetime | None = None,
    is_consent_given: bool = False,
    status_max_age_seconds: int | None = None,
) -> Interaction:
    """Say what the person must still do, or that nothing is left.

    Takes:   consented, the scopes remembered for this account and client; session_sub, the account's ``sub`` for this
             client's sector, None if it has none yet; authenticated_at, when this very sign-in showed a card, None if
             it has not: a card shown for this request answers ``prompt=login``, ``max_age`` and ``acr_values``,
             whatever time the pages since then took; is_consent_given, whether this very sign-in asked and got
             consent; status_max_age_seconds, how old the known status of the certificate may be, None where none is.
    Raises:  OAuthError login_required or consent_required for ``prompt=none``; login_required too where the person
             signed in and is not the one of the id_token_hint.
    Source:  OIDC Core §3.1.2.1, §3.1.2.3, §3.1.2.4.
    """
    assert request.client_id == client.client_id, "one client's consent must not answer another's request"
    sign_in_reason: Reason | None = Reason.NO_SESSION
    if session is not None and authenticated_at is not None:
        _check_is_hinted_person(request, session_sub)
        sign_in_reason = None
    elif session is not None:
        sign_in_reason = _find_sign_in_reason(request, session, session_sub, issuer, now, status_max_age_seconds)
    if sign_in_reason is not None:
        return _unless_silent(request, Interaction(Step.SIGN_IN, sign_in_reason))
    consent_reason = None if is_consent_given else _find_consent_reason(request, consented)
    if consent_reason is not None:
        return _unless_silent(request, Interaction(Step.CONSENT, consent_reason))
    return Interaction(Step.NOTHING, Reason.COMPLETE)


def _find_sign_in_reason(
    request: AuthorizationRequest,
    session: BrowserSession,
    session_sub: str | None,
    issuer: str,
    now: datetime,
    status_max_age_seconds: int | None,
) -> Reason | None:
    if "login" in request.prompt:
        return Reason.PROMPT_LOGIN
    if "select_account" in request.prompt:
        return Reason.PROMPT_SELECT_ACCOUNT
    if request.max_age_seconds is not None and _is_older(session.auth_time, request.max_age_seconds, now):
        return Reason.MAX_AGE
    if status_max_age_seconds is not None and _is_status_stale(session, status_max_age_seconds, now):
        return Reason.STATUS_STALE
    asked = find_asked_levels(request.acr_values, issuer)
    if asked and not any(satisfies(session.acr, level, issuer) for level in asked):
        return Reason.ACR_VALUES
    if request.id_token_hint_sub is not None and request.id_token_hint_sub != session_sub:
        return Reason.ID_TOKEN_HINT
    return None


def _find_consent_reason(request: AuthorizationRequest, consented: frozenset[str] | None) -> Reason | None:
    if "consent" in request.prompt:
        return Reason.PROMPT_CONSENT
    # RFC 9396 §7: what is asked for in detail is asked of the person in detail, each time.
    if request.authorization_details is not None:
        return Reason.NOT_CONSENTED
    # OIDC Core §11 wants consent for offline access; it is among the scopes, so it is asked for once and remembered.
    if consented is None or not consented.issuperset(request.scope):
        return Reason.NOT_CONSENTED
    return None


def _unless_silent(request: AuthorizationRequest, interaction: Interaction) -> Interaction:
    if "none" not in request.prompt:
        return interaction
    code = ErrorCode.LOGIN_REQUIRED if interaction.step is Step.SIGN_IN else ErrorCode.CONSENT_REQUIRED
    raise OAuthError(code, "The person would have to do something.", detail=interaction.reason.value)


def _is_status_stale(session: BrowserSession, status_max_age_seconds: int, now: datetime) -> bool:
    if not is_status_checked(session.acr):
        return False
    return session.status_time is None or _is_older(session.status_time, status_max_age_seconds, now)


def _is_older(moment: datetime, seconds: int, now: datetime) -> bool:
    # Zero seconds mean "now": OIDC Core §3.1.2.1, max_age=0 is the same as prompt=login.
    return seconds == 0 or to_epoch_seconds(now) - to_epoch_seconds(moment) > seconds


def _check_is_hinted_person(request: AuthorizationRequest, session_sub: str | None) -> None:
    if request.id_token_hint_sub is not None and request.id_token_hint_sub != session_sub:
        raise OAuthError(
            ErrorCode.LOGIN_REQUIRED,
            "Another person signed in than the one of id_token_hint.",
            detail="id_token_hint names another sub",
        )
