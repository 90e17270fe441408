"""What one sign-in costs, counted (design §10): requests, durable transactions and statements, transient writes."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from idp.settings.section import LimitsSection
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider, make_provider
from tests.support.relying_party import RelyingParty
from tests.support.status_responder import with_ocsp_only

SIGN_INS = 16


@dataclass
class Cost:
    """What was counted over some sign-ins."""

    requests: int = 0
    durable_transactions: int = 0
    durable_statements: int = 0
    record_writes: int = 0
    counter_writes: int = 0


def count(provider: Provider) -> tuple[int, int, int]:
    return len(provider.durable.statements), provider.durable.write_transactions, len(provider.transient.statements)


def sign_in_with_remembered_consent(provider: Provider, party: RelyingParty, browser: Browser) -> int:
    """From a browser that knows the person and has no session left; how many requests it took."""
    browser.cookies.pop("idp-session")
    seen = len(browser.seen)
    browser.authorize(party.request())
    card = provider.cards["hanako"].user_authentication
    presenter = PresenterDouble(provider.app, provider.settings.issuer, card, browser.handle)
    browser.get(presenter.present())
    tokens = party.tokens(browser.last)
    assert party.userinfo(tokens["access_token"]).status_code == 200
    return len(browser.seen) - seen + len(("open", "proof", "token", "userinfo"))


def measure(provider: Provider, sign_ins: int) -> Cost:
    party, browser = provider.relying_party(), provider.browser()
    party.sign_in(browser)
    before = count(provider)
    cost = Cost()
    for _ in range(sign_ins):
        cost.requests += sign_in_with_remembered_consent(provider, party, browser)
    statements, transactions, transient = (now - then for now, then in zip(count(provider), before, strict=True))
    cost.durable_statements, cost.durable_transactions = statements, transactions
    for sql in provider.transient.statements[-transient:]:
        if not sql.lstrip().startswith("SELECT"):
            cost.counter_writes += "transient_counters" in sql
            cost.record_writes += "transient_counters" not in sql
    return cost


def test_a_sign_in_with_remembered_consent_keeps_within_its_budget(provider: Provider) -> None:
    cached = provider.restart(IDP_OIDC__CLIENT_CACHE_SECONDS="5")
    try:
        cost = measure(cached, 1)
    finally:
        cached.close()
    assert cost.requests <= 8
    assert cost.durable_transactions <= 2
    assert cost.durable_statements <= 12
    assert cost.record_writes <= 5


def test_a_serial_number_that_is_kept_to_ask_about_costs_no_statement(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, _ = with_ocsp_only(provider, monkeypatch, IDP_OIDC__CLIENT_CACHE_SECONDS="5")
    try:
        cost = measure(asking, 1)
        assert asking.count_rows("credentials", "sealed_serial IS NOT NULL") == 1
    finally:
        asking.close()
    assert cost.durable_transactions <= 2
    assert cost.durable_statements <= 12
    assert cost.record_writes <= 5


def test_limits_are_counted_by_leases_and_cost_less_than_one_write_a_sign_in(tmp_path: Path) -> None:
    usual = {
        f"IDP_LIMITS__{name.upper()}": str(limit) for name, limit in LimitsSection() if name.endswith("_per_minute")
    }
    provider = make_provider(tmp_path, **usual)
    try:
        cost = measure(provider, SIGN_INS)
    finally:
        provider.close()
    assert cost.record_writes <= 5 * SIGN_INS
    assert cost.counter_writes <= SIGN_INS
