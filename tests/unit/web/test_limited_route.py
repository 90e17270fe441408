"""A handler behind its limit: what a request proves decides for whom it is counted."""

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
from idp.web.limited_route import limited
from idp.web.rate_limit import TooManyRequests
from idp.web.request_limits import ClientOverLimit, RequestLimits
from idp.web.route import ClaimedIn, CountedBy, LimitGroup, Route
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
    claimed_in: ClaimedIn = "parameters" if counted_by == "named-client" else "authentication"
    return Route("POST", "/token", handler, "client", group, counted_by=counted_by, claimed_in=claimed_in)


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
    ask = limited(route(proving(client)), limits)
    assert count(lambda: ask(request(client.client_id))) == admitted
    elsewhere = count(lambda: ask(request(client.client_id, "203.0.113.9")))
    assert elsewhere == (4 if client is APP else 0)


def test_what_fails_counts_by_address_and_known_client_and_keeps_nobody_from_proving_himself(
    limits: RequestLimits,
) -> None:
    fails, proves = limited(route(failing(WRONG)), limits), limited(route(proving(KNOWN)), limits)
    assert count(lambda: fails(request())) == 4
    assert count(lambda: fails(request("nobody"))) == 4
    assert count(lambda: fails(request("nobody-else"))) == 0
    assert count(lambda: proves(request())) == 8


def test_a_client_that_has_used_up_its_limit_is_refused_before_anything_is_done(limits: RequestLimits) -> None:
    ask = limited(route(proving(KNOWN)), limits)
    count(lambda: ask(request()))
    with pytest.raises(TooManyRequests):
        limited(route(failing(AssertionError())), limits)(request())


def test_the_first_refusal_of_a_client_names_it_and_the_limit(limits: RequestLimits) -> None:
    ask = limited(route(proving(KNOWN)), limits)
    for _ in range(8):
        ask(request())
    with pytest.raises(ClientOverLimit) as refused:
        ask(request())
    assert (refused.value.client_id, refused.value.retry_after_seconds) == ("rp", 60)
    assert "8" in refused.value.detail
    with pytest.raises(TooManyRequests) as again:
        ask(request())
    assert not isinstance(again.value, ClientOverLimit)


@pytest.mark.parametrize("error", [StoreUnavailable(), ZeroDivisionError()])
def test_an_outage_is_nobodys_failure(limits: RequestLimits, error: Exception) -> None:
    ask = limited(route(failing(error)), limits)
    for _ in range(10):
        with pytest.raises(type(error)):
            ask(request())


def test_a_nonce_that_is_offered_counts_for_whoever_is_proven_and_else_for_the_address(limits: RequestLimits) -> None:
    offer = OAuthError(ErrorCode.USE_DPOP_NONCE, "again")

    def offered(asked: Request) -> Response:
        proving(KNOWN)(asked)
        raise offer

    assert count(lambda: limited(route(failing(offer)), limits)(request("nobody"))) == 4
    assert count(lambda: limited(route(offered), limits)(request())) == 8


def test_an_answer_that_says_nothing_is_a_failure_too(limits: RequestLimits) -> None:
    """GET /evidence has one 404 for everything."""
    ask = limited(route(lambda _: Response(404)), limits)
    assert count(lambda: ask(request("nobody"))) == 4


def test_a_refusal_after_the_proof_is_no_failure(limits: RequestLimits) -> None:
    def handler(asked: Request) -> Response:
        proving(KNOWN)(asked)
        raise OAuthError(ErrorCode.INVALID_GRANT, "no")

    ask = limited(route(handler), limits)
    assert count(lambda: ask(request())) == 8


def test_who_only_names_a_client_counts_with_his_address(limits: RequestLimits) -> None:
    named = limited(route(lambda _: Response(200), "authorize", "named-client"), limits)
    assert count(lambda: named(request())) == 4
    assert count(lambda: named(request("app"))) == 4
    assert count(lambda: named(request("nobody"))) == 4
    assert count(lambda: named(request("no-body"))) == 0
    assert count(lambda: named(request(address="203.0.113.9"))) == 4


def test_what_one_stranger_is_refused_takes_nothing_from_the_next(limits: RequestLimits) -> None:
    named = limited(route(lambda _: Response(200), "authorize", "named-client"), limits)
    assert count(lambda: named(request("stranger"))) == 3
    assert count(lambda: limits.count_address("authorize", "unreviewed", "192.0.2.1", 4)) == 1


def test_a_route_without_a_limit_is_its_handler(limits: RequestLimits) -> None:
    handler = proving(KNOWN)
    assert limited(route(handler, None), limits) is handler


def test_decisions_are_counted_without_naming_anybody(limits: RequestLimits) -> None:
    def seen(outcome: str) -> float:
        labels = {"group": "token", "counted_by": "client", "outcome": outcome}
        return REGISTRY.get_sample_value("idp_limited_requests_total", labels) or 0.0

    before = seen("admitted"), seen("refused")
    ask = limited(route(proving(STRANGER)), limits)
    count(lambda: ask(request("rp")), times=5)
    assert (seen("admitted"), seen("refused")) == (before[0] + 3, before[1] + 2)


def _admitted(send: Handler, asked: Request) -> int:
    return count(lambda: send(asked), times=1)


@given(st.lists(st.tuples(st.sampled_from(["wrong", "right"]), st.sampled_from(["192.0.2.1", "192.0.2.2"]))))
def test_however_many_wrong_requests_come_between_the_right_ones_are_let_in_up_to_the_limit(
    tmp_path_factory: pytest.TempPathFactory, sequence: list[tuple[str, str]]
) -> None:
    transient = open_transient(f"sqlite:///{tmp_path_factory.mktemp('limits')}/transient.sqlite3")
    limits = RequestLimits(SECTION, MemoryClients(KNOWN), transient, lambda: NOW)
    send = {"right": limited(route(proving(KNOWN)), limits), "wrong": limited(route(failing(WRONG)), limits)}
    admitted = 0
    for kind, address in sequence:
        admitted += _admitted(send[kind], request(address=address)) * (kind == "right")
    assert admitted == min(8, sum(kind == "right" for kind, _ in sequence))
    transient.close()


@pytest.mark.parametrize("asked", [request(), replace(request(), body=b"", headers={"authorization": "Bearer x"})])
def test_after_too_many_failures_one_request_at_a_time_is_looked_at(limits: RequestLimits, asked: Request) -> None:
    told: list[int] = []

    def meanwhile(first: Request) -> Response:
        with pytest.raises(TooManyRequests) as refused:
            limited(route(proving(KNOWN)), limits)(asked)
        told.append(refused.value.retry_after_seconds)
        assert limited(route(proving(APP)), limits)(request("app")).status == 200, "nobody has failed in its name"
        proving(KNOWN)(first)
        return limited(route(proving(KNOWN)), limits)(asked)

    fails = limited(route(failing(WRONG)), limits)
    assert count(lambda: fails(asked)) == 4
    assert limited(route(meanwhile), limits)(asked).status == 200
    assert told == [1]


@pytest.mark.parametrize("error", [WRONG, ZeroDivisionError(), StoreUnavailable()])
def test_whatever_became_of_a_suspect_the_next_one_is_looked_at(limits: RequestLimits, error: Exception) -> None:
    fails = limited(route(failing(WRONG)), limits)
    count(lambda: fails(request()))
    for _ in range(2):
        with pytest.raises((type(error), TooManyRequests)):
            limited(route(failing(error)), limits)(request())
    assert limited(route(proving(KNOWN)), limits)(request()).status == 200


def test_whoever_claims_to_be_nobody_is_as_suspect_as_whoever_claims_nothing(limits: RequestLimits) -> None:
    def meanwhile(_: Request) -> Response:
        for other in ("nobody", "no-body"):
            with pytest.raises(TooManyRequests):
                limited(route(failing(AssertionError())), limits)(request(other))
        return Response(200)

    fails = limited(route(failing(WRONG)), limits)
    assert count(lambda: fails(request("nobody"))) == 4
    with pytest.raises(TooManyRequests):
        limited(route(meanwhile), limits)(request("nobody"))


def test_while_a_suspects_host_is_called_the_next_suspect_is_looked_at_but_none_of_the_same_client(
    limits: RequestLimits,
) -> None:
    fails = limited(route(failing(WRONG)), limits)
    for name in ("rp", "app"):
        assert count(lambda name=name: fails(request(name))) == 4  # type: ignore[misc]
    told: list[str] = []

    def calling(asked: Request) -> Response:
        assert asked.admission is not None
        with asked.admission.while_waiting(KNOWN):
            told.append("called")
            if len(told) == 1:
                assert limited(route(proving(APP)), limits)(request("app")).status == 200
                with pytest.raises(TooManyRequests):
                    limited(route(calling), limits)(request())
        with pytest.raises(TooManyRequests):
            limited(route(failing(AssertionError())), limits)(request("app"))
        return proving(KNOWN)(asked)

    assert limited(route(calling), limits)(request()).status == 200
    assert told == ["called"]
    assert limited(route(calling), limits)(request()).status == 200


def test_a_call_that_fails_leaves_nothing_held(limits: RequestLimits) -> None:
    def calling(asked: Request) -> Response:
        assert asked.admission is not None
        with asked.admission.while_waiting(KNOWN):
            raise WRONG

    for _ in range(8):
        with pytest.raises((OAuthError, TooManyRequests)):
            limited(route(calling), limits)(request())
    assert limited(route(proving(KNOWN)), limits)(request()).status == 200


def test_whoever_comes_back_from_a_call_waits_a_second_at_most_for_his_turn(limits: RequestLimits) -> None:
    fails = limited(route(failing(WRONG)), limits)
    count(lambda: fails(request()))

    def calling(asked: Request) -> Response:
        assert asked.admission is not None
        with asked.admission.while_waiting(KNOWN):
            limits.watch("token", "192.0.2.1", "rp")
        raise AssertionError("somebody else is still being looked at")

    with pytest.raises(TooManyRequests) as refused:
        limited(route(calling), limits)(request())
    assert refused.value.retry_after_seconds == 1
