"""Who a request is counted for: an address, a client, or both."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from idp.settings.section import LimitsSection
from idp.stores.transient.open import open_transient
from idp.web.rate_limit import TooManyRequests
from idp.web.request_limits import ClientOverLimit, RequestLimits, pair_of
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
    page_per_minute=6,
    client_per_minute=8,
    unreviewed_client_per_minute=3,
    shared_networks=("198.51.100.0/24", "2001:db8::/32"),  # type: ignore[arg-type]  # read as the file's are
    shared_network_factor=5,
)


@pytest.fixture
def limits(tmp_path: Path) -> RequestLimits:
    transient = open_transient(f"sqlite:///{tmp_path}/transient.sqlite3")
    return RequestLimits(SECTION, MemoryClients(KNOWN, STRANGER, APP), transient, lambda: NOW)


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


def test_what_was_not_routed_counts_as_pages_do_and_apart_from_them(limits: RequestLimits) -> None:
    for _ in range(6):
        limits.count_unrouted("192.0.2.1")
    with pytest.raises(TooManyRequests):
        limits.count_unrouted("192.0.2.1")
    limits.count_unrouted("192.0.2.2")
    limits.count_address("page", "address", "192.0.2.1", 6)


def test_an_address_and_a_client_are_one_name_for_a_whole_network_of_one_customer() -> None:
    assert pair_of("2001:db8::1", "rp") == pair_of("2001:db8:0:1::", "rp") != pair_of("2001:db8:0:100::1", "rp")
    assert pair_of("192.0.2.1", "rp") != pair_of("192.0.2.1", "app")


def test_the_first_refusal_of_a_client_says_which_and_how_many(limits: RequestLimits) -> None:
    for _ in range(3):
        limits.count_client("token", STRANGER)
    with pytest.raises(ClientOverLimit) as refused:
        limits.count_client("token", STRANGER)
    assert (refused.value.client_id, refused.value.retry_after_seconds) == ("stranger", 60)
    limits.count_client("userinfo", STRANGER)
