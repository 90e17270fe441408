"""A logout request: who asks, whose session, where to, and everything else refused."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.keys.errors import NotOurToken
from idp.oidc.client import Client
from idp.oidc.end_session import LogoutRequest, VerifiedLogoutTarget, parse_logout_request
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.parameters import parse_parameters
from tests.unit.oidc.samples import ISSUER, make_client

BACK = "https://rp.example/bye?x=1"
CLAIMS: dict[str, Any] = {"iss": ISSUER, "aud": "rp", "sub": "subject-1", "sid": "sid-1"}


class Clients:
    def find_client(self, client_id: str) -> Client | None:
        known = make_client(client_id=client_id, post_logout_redirect_uris=(BACK, "com.example.app:/bye"))
        return known if client_id in ("rp", "other") else None


class Hints:
    """Signs nothing: the hint is the name of a claim set."""

    def __init__(self, **changed: Any) -> None:
        self.claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not ...}

    def verify_own(self, unverified_token: str) -> dict[str, Any]:
        if unverified_token != "ours":
            raise NotOurToken
        return self.claims


def parse(hints: Hints | None = None, **parameters: str) -> LogoutRequest:
    return parse_logout_request(parse_parameters(urlencode(parameters)), Clients(), hints or Hints(), ISSUER)


def refusal(hints: Hints | None = None, **parameters: str) -> ErrorCode:
    with pytest.raises(OAuthError) as refused:
        parse(hints, **parameters)
    return refused.value.code


def test_a_request_without_anything_is_one() -> None:
    """RP-Initiated Logout §2: every parameter is optional."""
    assert parse() == LogoutRequest(None, has_hint=False, hint_sid=None, target=None, ui_locales=())


def test_a_hint_proves_client_and_session_and_where_to() -> None:
    more = {"state": "a b&c", "ui_locales": "ja en", "logout_hint": "x"}
    asked = parse(id_token_hint="ours", post_logout_redirect_uri=BACK, **more)
    assert asked.client is not None
    assert (asked.client.client_id, asked.has_hint, asked.hint_sid) == ("rp", True, "sid-1")
    assert asked.target == VerifiedLogoutTarget(BACK, "a b&c")
    assert asked.ui_locales == ("ja", "en")
    assert asked.target.location == BACK + "&state=a%20b%26c"


def test_a_client_id_alone_names_a_client_and_proves_no_session() -> None:
    asked = parse(client_id="rp", post_logout_redirect_uri=BACK)
    assert asked.client is not None
    assert (asked.has_hint, asked.hint_sid) == (False, None)
    assert asked.target == VerifiedLogoutTarget(BACK, None)


def test_a_hint_of_before_sessions_had_names_proves_no_session() -> None:
    asked = parse(Hints(sid=...), id_token_hint="ours")
    assert (asked.has_hint, asked.hint_sid) == (True, None)


@pytest.mark.parametrize(
    ("hints", "parameters"),
    [
        (Hints(), {"id_token_hint": "forged"}),
        (Hints(), {"id_token_hint": "forged", "client_id": "rp"}),
        (Hints(iss="https://other.example"), {"id_token_hint": "ours"}),
        (Hints(aud=["rp"]), {"id_token_hint": "ours"}),
        (Hints(aud=...), {"id_token_hint": "ours"}),
        (Hints(), {"id_token_hint": "ours", "client_id": "other"}),
        (Hints(), {"post_logout_redirect_uri": BACK}),
        (Hints(), {"id_token_hint": "ours", "post_logout_redirect_uri": BACK + "&y=2"}),
    ],
)
def test_what_does_not_hold_together_is_refused(hints: Hints, parameters: dict[str, str]) -> None:
    assert refusal(hints, **parameters) is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("hints", [None, Hints(aud="gone")])
def test_an_unknown_client_is_refused(hints: Hints | None) -> None:
    named = {"client_id": "gone"} if hints is None else {"id_token_hint": "ours"}
    assert refusal(hints, **named) is ErrorCode.UNAUTHORIZED_CLIENT


@pytest.mark.parametrize("name", ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"])
def test_nothing_may_be_said_twice(name: str) -> None:
    with pytest.raises(OAuthError):
        parse_logout_request(parse_parameters(f"{name}=a&{name}=a"), Clients(), Hints(), ISSUER)


@given(st.text(max_size=200))
def test_nothing_but_what_was_registered_is_a_target(uri: str) -> None:
    if uri not in (BACK, "com.example.app:/bye", ""):
        assert refusal(client_id="rp", post_logout_redirect_uri=uri) is ErrorCode.INVALID_REQUEST


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=200))
def test_state_comes_back_as_it_was_and_adds_nothing_else(state: str) -> None:
    asked = parse(client_id="rp", post_logout_redirect_uri=BACK, state=state)
    assert asked.target is not None
    parts = urlsplit(asked.target.location)
    assert (parts.netloc, parts.fragment) == ("rp.example", "")
    assert parse_qsl(parts.query, keep_blank_values=True) == [("x", "1"), ("state", state)]


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(raw: bytes) -> None:
    try:
        parse_logout_request(parse_parameters(raw.decode("latin-1")), Clients(), Hints(), ISSUER)
    except OAuthError as refused:
        assert refused.code in (ErrorCode.INVALID_REQUEST, ErrorCode.UNAUTHORIZED_CLIENT)
