"""Attacks on what is told about a person: another one's claims, more answers than allowed, requests that cost much."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from idp.assurance.claims_policy import ClaimsPolicy
from idp.assurance.predicate import Area
from idp.assurance.trust_framework import sandbox_frameworks
from idp.identity.credential import LinkageAnswer, LookupDigest, PresentedCredential
from idp.identity.linked_by_operator import LinkedByOperator
from idp.identity.linking import FoundAccount, find_or_open_account
from idp.identity.merge import apply_merge, plan_merge, undo_merge
from idp.oidc.claims_consent import consent_items
from idp.oidc.claims_request import accept_claims_parameter
from idp.oidc.claims_wanted import ClaimsAsked
from tests.journeys.in_process.test_linked_person import with_operator
from tests.journeys.in_process.test_verified_claims import SCOPE, choose, to_the_choice, verified
from tests.support.browser import Browser
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty
from tests.unit.oidc.samples import make_client

SECTOR = "shop.example"


@pytest.fixture
def linked(provider: Provider) -> Provider:
    return with_operator(provider)


@pytest.fixture
def bank(linked: Provider) -> RelyingParty:
    return linked.relying_party(scope=SCOPE)


def at_the_signature(bank: RelyingParty, browser: Browser, person: str = "hanako") -> Browser:
    browser.authorize(bank.request(**verified(name=None)))
    to_the_choice(browser, person)
    choose(browser, "name")
    return browser


def present(provider: Provider, number: int, person: str) -> FoundAccount:
    """A sign-in with a certificate of which the operator says whose it is."""
    link = LinkageAnswer((LookupDigest("key-1", person.encode().ljust(32)),), "check", provider.clock())
    digest = LookupDigest("key-1", number.to_bytes(32, "big"))
    shown = PresentedCredential((digest,), "card", "card", provider.clock() + timedelta(days=900), link)
    with provider.parts.durable.writing() as writer:
        return find_or_open_account(writer, shown, linkage=LinkedByOperator(), now=provider.clock())


def ask(provider: Provider, account_id: str, question: str) -> bool:
    with provider.parts.durable.writing() as writer:
        return writer.count_question(account_id, SECTOR, "age", question, 3, provider.clock())


def test_a_signing_card_that_an_operator_calls_another_persons_tells_nothing(
    linked: Provider, bank: RelyingParty
) -> None:
    # Taro's signing card came to stand in Hanako's account; the operator, asked again, contradicts.
    at_the_signature(bank, taros := linked.browser(), "taro").use_sandbox_card("taro")
    assert bank.userinfo(bank.tokens(taros.last)["access_token"]).get_json()["verified_claims"]
    database = linked.parts.database
    ((taro,),) = database.read_all("SELECT account_id FROM accounts", ())
    browser = at_the_signature(bank, linked.browser(), "hanako")
    ((hanako,),) = database.read_all("SELECT account_id FROM accounts WHERE account_id <> ?", (taro,))
    database.write("UPDATE credentials SET account_id = ? WHERE account_id = ?", (hanako, taro))
    database.write("DELETE FROM account_links WHERE account_id = ?", (hanako,))
    released = linked.count_rows("released_claims")
    browser.use_sandbox_card("taro")
    assert browser.last.status_code == 200
    assert linked.count_rows("released_claims") == released
    assert linked.audit_events()[-1][0] == "card_refused"


def test_questions_about_one_sub_stay_counted_when_accounts_merge_and_part(linked: Provider) -> None:
    known, other = present(linked, 1, "hanako"), present(linked, 2, "taro")
    with linked.parts.durable.writing() as writer:
        writer.find_or_insert_subject(known.account_id, SECTOR, "sub", linked.clock())
    linked.parts.database.write("DELETE FROM account_links WHERE account_id = ?", (other.account_id,))
    assert [ask(linked, known.account_id, each) for each in ("13", "18", "20", "25")] == [True, True, True, False]
    with linked.parts.durable.writing() as writer:
        merge = apply_merge(writer, plan_merge(writer, known.account_id, other.account_id), now=linked.clock())
    assert linked.parts.durable.find_subject(other.account_id, SECTOR) == "sub"
    assert [ask(linked, other.account_id, each) for each in ("25", "18")] == [False, True]
    with linked.parts.durable.writing() as writer:
        undo_merge(writer, merge.merge_id, now=linked.clock())
    assert [ask(linked, known.account_id, each) for each in ("25", "18")] == [False, True]


def test_answers_saved_up_for_a_year_do_not_double_what_two_days_tell(linked: Provider) -> None:
    account_id = present(linked, 1, "hanako").account_id
    first, second = ("13", "18", "20"), ("25", "60", "65")
    assert all(ask(linked, account_id, each) for each in first)
    linked.clock.advance(364 * 86_400)
    assert all(ask(linked, account_id, each) for each in first)
    linked.clock.advance(2 * 86_400)
    assert not any(ask(linked, account_id, each) for each in second)


def test_hundreds_of_names_that_nobody_knows_cost_no_more_than_a_few() -> None:
    areas = tuple(Area(f"{13000 + number}", "東京都" + "区" * (1 + number % 20)) for number in range(1_000))
    policy = ClaimsPolicy("https://id.example", sandbox_frameworks("https://id.example"), False, areas=areas)
    names = [*(f"{number:x}" for number in range(40)), *(f":lives_in_{each.code}" for each in areas[:20])]
    wanted = {"verification": {"trust_framework": None}, "claims": dict.fromkeys(names)}
    text = json.dumps({"userinfo": {"verified_claims": [wanted] * 8}}, separators=(",", ":"))
    asked = ClaimsAsked(("openid",), accept_claims_parameter(text, policy), make_client(), policy)
    begun = time.process_time()
    consent_items(asked, datetime(2026, 11, 22, tzinfo=UTC))
    # It took more than a second before, for whoever sends a link.
    assert time.process_time() - begun < 0.2
