"""Who a request is counted for: an address, a client, or both."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.outage import StoreUnavailable
from idp.settings.section import LimitsSection
from idp.stores.transient.open import open_transient
from idp.web.http import Handler, Request, Response
from idp.web.rate_limit import TooManyRequests
from idp.web.request_limits import ClientOverLimit, RequestLimits
from idp.web.route import CountedBy, LimitGroup, Route
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import make_client, make_public_client

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
KNOWN = make_client()
STRANGER = make_client(client_id="stranger", is_reviewed=False, options=replace(KNOWN.options, is_self_registered=True))
APP = make_public_client(client_id="app")
SECTION = LimitsSection(
    authorize_per_minute=4,
    token_per_minute=4,
    registration_per_minute=2,
    client_per_minute=8,
    unreviewed_client_per_minute=3,
    shared_networks=("198.51.100.0/24", "2001:db8::/32"),  # type: ignore[arg-type]  # read as the file's are
    shared_network_factor=5,
)


@pytest.fixture
def limits(tmp_path: Path) -> RequestLimits:
    transient = open_transient(f"sqlite:///{tmp_path}/transient.sqlite3")
    return RequestLimits(SECTION, MemoryClients(KNOWN, STRANGER, APP), transient, lambda: NOW)


def request(client_id: str = "rp", address: str = "192.0.2.1") -> Request:
    return Request("POST", "/token", "", {}, f"client_id={client_id}".encode(), address)


def proving(client: Client) -> Handler:
    def handler(asked: Request) -> Response:
        assert asked.admission is not None
        asked.admission.admit(client)
        return Response(200)

    return handler


def failing(error: Exception) -> Handler:
    def handler(_: Request) -> Response:
        raise error

    return handler


WRONG = OAuthError(ErrorCode.INVALID_CLIENT, "no")


def route(handler: Handler, group: LimitGroup | None = "token", counted_by: CountedBy = "proven-client") -> Route:
    return Route("POST", "/token", handler, "client", group, counted_by=counted_by)


def count(send: Callable[[], object], times: int = 30) -> int:
    """How often somebody is let in, which a wrong credential is not."""
    passed = 0
    for _ in range(times):
        try:
            send()
        except TooManyRequests:
            continue
        except OAuthError:
            pass
        passed += 1
    return passed


@pytest.mark.parametrize(("client", "admitted"), [(KNOWN, 8), (STRANGER, 3), (APP, 4)])
def test_a_proven_client_has_its_own_limit_and_a_public_one_its_addresses(
    limits: RequestLimits, client: Client, admitted: int
) -> None:
    limited = limits.limited(route(proving(client)))
    assert count(lambda: limited(request(client.client_id))) == admitted
    elsewhere = count(lambda: limited(request(client.client_id, "203.0.113.9")))
    assert elsewhere == (4 if client is APP else 0)


def test_what_fails_counts_by_address_and_known_client_and_keeps_nobody_from_proving_himself(
    limits: RequestLimits,
) -> None:
    fails, proves = limits.limited(route(failing(WRONG))), limits.limited(route(proving(KNOWN)))
    assert count(lambda: fails(request())) == 4
    assert count(lambda: fails(request("nobody"))) == 4
    assert count(lambda: fails(request("nobody-else"))) == 0
    assert count(lambda: proves(request())) == 8


def test_a_client_that_has_used_up_its_limit_is_refused_before_anything_is_done(limits: RequestLimits) -> None:
    limited = limits.limited(route(proving(KNOWN)))
    count(lambda: limited(request()))
    with pytest.raises(TooManyRequests):
        limits.limited(route(failing(AssertionError())))(request())


def test_the_first_refusal_of_a_client_names_it_and_the_limit(limits: RequestLimits) -> None:
    limited = limits.limited(route(proving(KNOWN)))
    for _ in range(8):
        limited(request())
    with pytest.raises(ClientOverLimit) as refused:
        limited(request())
    assert (refused.value.client_id, refused.value.retry_after_seconds) == ("rp", 60)
    assert "8" in refused.value.detail
    with pytest.raises(TooManyRequests) as again:
        limited(request())
    assert not isinstance(again.value, ClientOverLimit)


@pytest.mark.parametrize(
    "error", [StoreUnavailable(), OAuthError(ErrorCode.USE_DPOP_NONCE, "again"), ZeroDivisionError()]
)
def test_an_outage_and_the_offer_of_a_nonce_are_nobodys_failure(limits: RequestLimits, error: Exception) -> None:
    limited = limits.limited(route(failing(error)))
    for _ in range(10):
        with pytest.raises(type(error)):
            limited(request())


def test_an_answer_that_says_nothing_is_a_failure_too(limits: RequestLimits) -> None:
    """GET /evidence has one 404 for everything."""
    limited = limits.limited(route(lambda _: Response(404)))
    assert count(lambda: limited(request("nobody"))) == 4


def test_a_refusal_after_the_proof_is_no_failure(limits: RequestLimits) -> None:
    def handler(asked: Request) -> Response:
        proving(KNOWN)(asked)
        raise OAuthError(ErrorCode.INVALID_GRANT, "no")

    limited = limits.limited(route(handler))
    assert count(lambda: limited(request())) == 8


def test_who_only_names_a_client_counts_with_his_address(limits: RequestLimits) -> None:
    named = limits.limited(route(lambda _: Response(200), "authorize", "named-client"))
    assert count(lambda: named(request())) == 4
    assert count(lambda: named(request("app"))) == 4
    assert count(lambda: named(request("nobody"))) == 4
    assert count(lambda: named(request("no-body"))) == 0
    assert count(lambda: named(request(address="203.0.113.9"))) == 4


def test_what_one_stranger_is_refused_takes_nothing_from_the_next(limits: RequestLimits) -> None:
    named = limits.limited(route(lambda _: Response(200), "authorize", "named-client"))
    assert count(lambda: named(request("stranger"))) == 3
    assert count(lambda: limits.count_address("authorize", "unreviewed", "192.0.2.1", 4)) == 1


@pytest.mark.parametrize(
    ("address", "limit"),
    [("192.0.2.1", 4), ("198.51.100.7", 20), ("2001:db8::7", 20), ("2001:db9::7", 4), ("garbage", 4), ("", 4)],
)
def test_addresses_that_many_share_have_more(limits: RequestLimits, address: str, limit: int) -> None:
    assert limits.address_limit("token", address) == limit
    assert limits.address_limit("registration", address) == 2


def test_a_registration_has_its_own_number(limits: RequestLimits) -> None:
    assert limits.client_limit("registration", KNOWN) == 2
    assert limits.client_limit("registration", STRANGER) == 2


def test_a_route_without_a_limit_is_its_handler(limits: RequestLimits) -> None:
    handler = proving(KNOWN)
    assert limits.limited(route(handler, None)) is handler


def test_decisions_are_counted_without_naming_anybody(limits: RequestLimits) -> None:
    def seen(outcome: str) -> float:
        labels = {"group": "token", "counted_by": "client", "outcome": outcome}
        return REGISTRY.get_sample_value("idp_limited_requests_total", labels) or 0.0

    before = seen("admitted"), seen("refused")
    limited = limits.limited(route(proving(STRANGER)))
    count(lambda: limited(request("rp")), times=5)
    assert (seen("admitted"), seen("refused")) == (before[0] + 3, before[1] + 2)


@given(st.lists(st.tuples(st.sampled_from(["wrong", "right"]), st.sampled_from(["192.0.2.1", "192.0.2.2"]))))
def test_however_many_wrong_requests_come_between_the_right_ones_are_let_in_up_to_the_limit(
    tmp_path_factory: pytest.TempPathFactory, sequence: list[tuple[str, str]]
) -> None:
    transient = open_transient(f"sqlite:///{tmp_path_factory.mktemp('limits')}/transient.sqlite3")
    limits = RequestLimits(SECTION, MemoryClients(KNOWN), transient, lambda: NOW)
    send = {"right": limits.limited(route(proving(KNOWN))), "wrong": limits.limited(route(failing(WRONG)))}
    admitted = 0
    for kind, address in sequence:
        admitted += count(lambda kind=kind, address=address: send[kind](request(address=address)), 1) * (
            kind == "right"
        )
    assert admitted == min(8, sum(kind == "right" for kind, _ in sequence))
    transient.close()
