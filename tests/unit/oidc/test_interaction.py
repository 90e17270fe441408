"""What a person still has to do."""

from datetime import timedelta
from typing import Any

import pytest

from idp.oidc.authorization_request import AuthorizationRequest
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.interaction import Reason, Step, next_step
from tests.unit.oidc.samples import (
    CODE_CHALLENGE,
    ISSUER,
    NOW,
    REDIRECT_URI,
    USER_AUTHENTICATION,
    make_client,
    make_session,
)

UNCHECKED = USER_AUTHENTICATION + "-unchecked"
OPENID = frozenset({"openid"})


def make_request(**changed: Any) -> AuthorizationRequest:
    members: dict[str, Any] = {
        "client_id": "rp",
        "redirect_uri": REDIRECT_URI,
        "scope": ("openid",),
        "state": "s",
        "nonce": None,
        "code_challenge": CODE_CHALLENGE,
        "prompt": frozenset(),
        "max_age_seconds": None,
        "login_hint": None,
        "ui_locales": (),
        "acr_values": (),
        "id_token_hint_sub": None,
        "request_hash": bytes(32),
    }
    return AuthorizationRequest(**{**members, **changed})


def decide(request: AuthorizationRequest, **known: Any) -> tuple[Step, Reason]:
    members: dict[str, Any] = {"session": make_session(), "consented": OPENID, "session_sub": "subject-1"}
    members.update(known)
    interaction = next_step(request, make_client(), members.pop("session"), issuer=ISSUER, now=NOW, **members)
    return interaction.step, interaction.reason


def silent_error(request_members: dict[str, Any], **known: Any) -> ErrorCode:
    with pytest.raises(OAuthError) as refused:
        decide(make_request(prompt=frozenset({"none"}), **request_members), **known)
    return refused.value.code


def test_a_session_and_a_remembered_consent_are_enough() -> None:
    assert decide(make_request()) == (Step.NOTHING, Reason.COMPLETE)
    assert decide(make_request(prompt=frozenset({"none"}))) == (Step.NOTHING, Reason.COMPLETE)


def test_without_a_session_the_person_signs_in() -> None:
    """OIDC Core §3.1.2.3."""
    assert decide(make_request(), session=None) == (Step.SIGN_IN, Reason.NO_SESSION)


@pytest.mark.parametrize(
    ("prompt", "reason"), [("login", Reason.PROMPT_LOGIN), ("select_account", Reason.PROMPT_SELECT_ACCOUNT)]
)
def test_a_prompt_asks_for_the_card_once(prompt: str, reason: Reason) -> None:
    request = make_request(prompt=frozenset({prompt}))
    assert decide(request) == (Step.SIGN_IN, reason)
    assert decide(request, authenticated_at=NOW) == (Step.NOTHING, Reason.COMPLETE)


@pytest.mark.parametrize(
    ("age_seconds", "expected"), [(59, Step.NOTHING), (60, Step.NOTHING), (61, Step.SIGN_IN), (-5, Step.NOTHING)]
)
def test_max_age_counts_from_auth_time(age_seconds: int, expected: Step) -> None:
    session = make_session(auth_time=NOW - timedelta(seconds=age_seconds))
    assert decide(make_request(max_age_seconds=60), session=session)[0] is expected


def test_max_age_zero_always_asks_for_the_card() -> None:
    """OIDC Core §3.1.2.1: max_age=0 is equivalent to prompt=login."""
    request = make_request(max_age_seconds=0)
    session = make_session(auth_time=NOW)
    assert decide(request, session=session) == (Step.SIGN_IN, Reason.MAX_AGE)
    assert decide(request, session=session, authenticated_at=NOW)[0] is Step.NOTHING


def test_time_spent_on_our_pages_does_not_ask_for_the_card_again() -> None:
    session = make_session(auth_time=NOW - timedelta(seconds=300))
    request = make_request(max_age_seconds=60)
    assert decide(request, session=session, authenticated_at=session.auth_time)[0] is Step.NOTHING


@pytest.mark.parametrize("asked", [USER_AUTHENTICATION, "aal3"])
def test_a_level_above_the_sessions_asks_for_the_card(asked: str) -> None:
    session = make_session(acr=UNCHECKED)
    assert decide(make_request(acr_values=(asked,)), session=session) == (Step.SIGN_IN, Reason.ACR_VALUES)
    assert decide(make_request(acr_values=(asked,)))[0] is Step.NOTHING
    assert decide(make_request(acr_values=(asked, UNCHECKED)), session=session)[0] is Step.NOTHING


def test_a_level_that_cannot_be_reached_is_a_wish_not_a_condition() -> None:
    """OIDC Core §3.1.2.1: acr is requested as a voluntary claim."""
    request = make_request(acr_values=("aal3",))
    assert decide(request, session=make_session(acr=UNCHECKED), authenticated_at=NOW)[0] is Step.NOTHING
    for value in ("crl", "ocsp", "urn:mace:incommon:iap:silver"):
        assert decide(make_request(acr_values=(value,)))[0] is Step.NOTHING


@pytest.mark.parametrize(("age_seconds", "expected"), [(60, Step.NOTHING), (61, Step.SIGN_IN)])
def test_a_level_with_status_needs_one_that_is_fresh_enough(age_seconds: int, expected: Step) -> None:
    session = make_session(status_time=NOW - timedelta(seconds=age_seconds))
    assert decide(make_request(), session=session, status_max_age_seconds=60)[0] is expected


def test_a_level_with_status_but_no_known_time_asks_for_the_card() -> None:
    known = {"session": make_session(status_time=None), "status_max_age_seconds": 60}
    assert decide(make_request(), **known) == (Step.SIGN_IN, Reason.STATUS_STALE)


def test_a_level_without_status_does_not_go_stale() -> None:
    session = make_session(acr=UNCHECKED, status_time=None)
    assert decide(make_request(), session=session, status_max_age_seconds=60)[0] is Step.NOTHING


@pytest.mark.parametrize("session_sub", [None, "subject-2"])
def test_another_person_than_the_hinted_one_signs_in(session_sub: str | None) -> None:
    request = make_request(id_token_hint_sub="subject-1")
    assert decide(request, session_sub=session_sub) == (Step.SIGN_IN, Reason.ID_TOKEN_HINT)
    assert decide(request)[0] is Step.NOTHING


def test_another_person_who_signed_in_is_refused() -> None:
    """OIDC Core §3.1.2.1, id_token_hint."""
    with pytest.raises(OAuthError) as refused:
        decide(make_request(id_token_hint_sub="subject-1"), session_sub="subject-2", authenticated_at=NOW)
    assert refused.value.code is ErrorCode.LOGIN_REQUIRED


def test_consent_is_asked_for_the_first_time_even_for_openid_alone() -> None:
    """OIDC Core §3.1.2.4."""
    assert decide(make_request(), consented=None) == (Step.CONSENT, Reason.NOT_CONSENTED)
    assert decide(make_request(), consented=frozenset()) == (Step.CONSENT, Reason.NOT_CONSENTED)


def test_offline_access_is_consented_to_once_and_remembered() -> None:
    """OIDC Core §11."""
    request = make_request(scope=("openid", "offline_access"))
    assert decide(request) == (Step.CONSENT, Reason.NOT_CONSENTED)
    assert decide(request, consented=frozenset({"openid", "offline_access"}))[0] is Step.NOTHING


def test_prompt_consent_asks_whatever_is_remembered_but_once() -> None:
    request = make_request(prompt=frozenset({"consent"}))
    assert decide(request) == (Step.CONSENT, Reason.PROMPT_CONSENT)
    assert decide(request, is_consent_given=True)[0] is Step.NOTHING


def test_sign_in_comes_before_consent() -> None:
    request = make_request(prompt=frozenset({"login", "consent"}))
    assert decide(request)[0] is Step.SIGN_IN
    assert decide(request, authenticated_at=NOW)[0] is Step.CONSENT


def test_prompt_none_answers_with_what_would_have_been_asked() -> None:
    """OIDC Core §3.1.2.6. OIDC Core §3.1.2.3."""
    assert silent_error({}, session=None) is ErrorCode.LOGIN_REQUIRED
    assert silent_error({"max_age_seconds": 0}) is ErrorCode.LOGIN_REQUIRED
    assert silent_error({"id_token_hint_sub": "subject-2"}) is ErrorCode.LOGIN_REQUIRED
    assert silent_error({"acr_values": ("aal3",)}, session=make_session(acr=UNCHECKED)) is ErrorCode.LOGIN_REQUIRED
    assert silent_error({}, consented=None) is ErrorCode.CONSENT_REQUIRED
