"""authorization_details (RFC 9396): of declared and registered types, and fit to be shown."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.authorization_details import DetailsType, parse_authorization_details
from idp.oidc.authorization_request import AuthorizationRequest, identify, parse_authorization_request
from idp.oidc.client_options import ClientOptions
from idp.oidc.errors import AuthorizationRefused, ErrorCode, OAuthError
from idp.oidc.interaction import Reason, Step, next_step
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import ISSUER, NOW, RealSigner, authorization_parameters, make_client, make_session

CARD = "https://idp.example/details/library-card"
OTHER = "https://idp.example/details/other"
TYPES = {
    CARD: DetailsType(CARD, frozenset({"branch", "actions"}), "図書館カード", "Library card"),
    OTHER: DetailsType(OTHER, frozenset(), "他", "Other"),
}
CLIENT = make_client(options=ClientOptions(authorization_details_types=(CARD, "undeclared")))


def is_refused(details: object) -> bool:
    text = details if isinstance(details, str) else json.dumps(details)
    try:
        parse_authorization_details(text, CLIENT, TYPES)
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_AUTHORIZATION_DETAILS
        return True
    return False


def test_what_is_declared_and_registered_comes_back_as_it_was_asked() -> None:
    details = [{"type": CARD, "branch": "中央", "actions": ["issue", "renew"]}, {"type": CARD}]
    assert parse_authorization_details(json.dumps(details), CLIENT, TYPES).to_list() == details


@pytest.mark.parametrize(
    "details",
    [
        "", "x", "{}", "[]", "null", '"x"', '[{"type":"' + CARD + '","type":"' + CARD + '"}]',
        {"type": CARD}, [CARD], [[]], [{}], [None],
        [{"type": OTHER}], [{"type": "undeclared"}], [{"type": "unknown"}], [{"type": CARD.upper()}], [{"type": 1}],
        [{"type": [CARD]}], [{"type": {}}], [{"type": None}],
        [{"type": CARD}, {"type": OTHER}],
        [{"type": CARD, "other": "x"}], [{"type": CARD, "Branch": "x"}], [{"type": CARD, "": "x"}],
        [{"type": CARD, "branch": ""}], [{"type": CARD, "branch": []}], [{"type": CARD, "branch": ["x", 1]}],
        [{"type": CARD, "branch": 1}], [{"type": CARD, "branch": True}], [{"type": CARD, "branch": None}],
        [{"type": CARD, "branch": {"a": "b"}}], [{"type": CARD, "branch": [["x"]]}],
        [{"type": CARD, "branch": "x" * 201}], [{"type": CARD, "branch": ["x"] * 11}],
        [{"type": CARD, "branch": "a\u202eb"}], [{"type": CARD, "branch": "a\nb"}], [{"type": CARD, "branch": "\x00"}],
        [{"type": CARD, "branch": " x"}], [{"type": CARD, "branch": "x\u3000"}], [{"type": CARD, "branch": "か\u3099"}],
        [{"type": CARD, "branch": "a\u3164b"}],
        [{"type": CARD}] * 9,
    ],
)  # fmt: skip
def test_whatever_else_is_refused(details: object) -> None:
    assert is_refused(details)


@given(st.text(max_size=200))
def test_any_text_is_details_or_refused(text: str) -> None:
    assert is_refused(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.just(CARD),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "branch", "actions", "x"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_any_json_is_details_or_refused(details: Any) -> None:
    if not is_refused(details):
        assert parse_authorization_details(json.dumps(details), CLIENT, TYPES).to_list() == details


def accept(**changed: str | None) -> AuthorizationRequest:
    parameters = authorization_parameters(**changed)
    client, redirect = identify(parameters, MemoryClients(CLIENT))
    return parse_authorization_request(parameters, client, redirect, id_token_hints=RealSigner(), details_types=TYPES)


def test_a_request_keeps_its_details_through_the_transient_store() -> None:
    request = accept(authorization_details=json.dumps([{"type": CARD, "branch": "中央"}]))
    assert request.authorization_details is not None
    assert AuthorizationRequest.from_json(json.loads(json.dumps(request.to_json()))) == request


def test_a_refusal_goes_to_the_client() -> None:
    with pytest.raises(AuthorizationRefused) as refused:
        accept(authorization_details=json.dumps([{"type": OTHER}]))
    assert refused.value.error.code is ErrorCode.INVALID_AUTHORIZATION_DETAILS


def test_details_are_asked_for_each_time() -> None:
    """A remembered consent is one to scopes."""
    details = json.dumps([{"type": CARD}])

    def missing(*, is_consent_given: bool = False, **changed: str | None) -> tuple[Step, Reason]:
        found = next_step(
            accept(**changed), CLIENT, make_session(), consented=frozenset({"openid"}), session_sub=None,
            issuer=ISSUER, now=NOW, is_consent_given=is_consent_given,
        )  # fmt: skip
        return found.step, found.reason

    assert missing() == (Step.NOTHING, Reason.COMPLETE)
    assert missing(authorization_details=details) == (Step.CONSENT, Reason.NOT_CONSENTED)
    assert missing(authorization_details=details, is_consent_given=True) == (Step.NOTHING, Reason.COMPLETE)
    with pytest.raises(OAuthError) as refused:
        missing(authorization_details=details, prompt="none")
    assert refused.value.code is ErrorCode.CONSENT_REQUIRED
