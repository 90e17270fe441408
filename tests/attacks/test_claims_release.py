"""Attacks on what is told about a person: another one's claims, more answers than allowed, requests that cost much."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from idp.assurance.claims_policy import ClaimsPolicy
from idp.assurance.predicate import Area
from idp.assurance.trust_framework import sandbox_frameworks
from idp.identity.attachment import attach_credential, report_lost, undo_attachment
from idp.identity.credential import LinkageAnswer, LookupDigest, PresentedCredential
from idp.identity.linked_by_operator import LinkedByOperator
from idp.identity.linking import CredentialIsPerson, FoundAccount, Linkage, find_or_open_account
from idp.identity.lookup_keys import digest_credential
from idp.identity.merge import apply_merge, plan_merge, undo_merge
from idp.oidc.claims_consent import consent_items
from idp.oidc.claims_request import accept_claims_parameter
from idp.oidc.claims_wanted import ClaimsAsked
from tests.journeys.in_process.test_linked_person import with_operator
from tests.journeys.in_process.test_verified_claims import SCOPE, choose, to_the_choice, told_of_claims, verified
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


def certificate(provider: Provider, number: int, person: str | None) -> PresentedCredential:
    """One of which the operator says whose it is; None where it was not asked."""
    link = None
    if person is not None:
        link = LinkageAnswer((LookupDigest("key-1", person.encode().ljust(32)),), "check", provider.clock())
    digest = LookupDigest("key-1", number.to_bytes(32, "big"))
    return PresentedCredential((digest,), "card", "card", provider.clock() + timedelta(days=900), link)


def present(provider: Provider, number: int, person: str | None) -> FoundAccount:
    """A sign-in, in which the operator is asked as long as the account has no link; with nobody, as before its time."""
    shown = certificate(provider, number, person)
    if provider.parts.durable.has_link(shown.digests, "key-1"):
        shown = certificate(provider, number, None)
    linkage: Linkage = CredentialIsPerson() if person is None else LinkedByOperator()
    with provider.parts.durable.writing() as writer:
        found = find_or_open_account(writer, shown, linkage=linkage, now=provider.clock())
    provider.clock.advance(60)
    return found


def attach(provider: Provider, number: int, voucher_id: str) -> str:
    with provider.parts.durable.writing() as writer:
        shown = certificate(provider, number, None)
        attachment = attach_credential(writer, shown, voucher_id, now=provider.clock(), txn="ceremony")
    provider.clock.advance(60)
    return attachment.credential_id


def merge_accounts(provider: Provider, from_account_id: str, into_account_id: str) -> str:
    with provider.parts.durable.writing() as writer:
        plan = plan_merge(writer, from_account_id, into_account_id)
        merge = apply_merge(writer, plan, now=provider.clock())
    provider.clock.advance(60)
    return merge.merge_id


def undo(provider: Provider, merge_id: str) -> None:
    with provider.parts.durable.writing() as writer:
        undo_merge(writer, merge_id, now=provider.clock())
    provider.clock.advance(60)


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


def test_a_signing_card_in_a_linked_account_is_asked_about_for_itself(linked: Provider, bank: RelyingParty) -> None:
    # Taro's signing card came to stand in Hanako's account, which an operator has linked: the question is not spared.
    at_the_signature(bank, taros := linked.browser(), "taro").use_sandbox_card("taro")
    bank.tokens(taros.last)
    database = linked.parts.database
    ((taro,),) = database.read_all("SELECT account_id FROM accounts", ())
    browser = at_the_signature(bank, linked.browser(), "hanako")
    ((hanako,),) = database.read_all("SELECT account_id FROM accounts WHERE account_id <> ?", (taro,))
    database.write("UPDATE credentials SET account_id = ? WHERE account_id = ?", (hanako, taro))
    released = linked.count_rows("released_claims")
    browser.use_sandbox_card("taro")
    assert browser.last.status_code == 200
    assert linked.count_rows("released_claims") == released
    assert linked.audit_events()[-1][0] == "card_refused"


def test_a_signing_card_whose_answer_is_not_recorded_yet_tells_no_name(linked: Provider, bank: RelyingParty) -> None:
    # The signing card was attached a moment ago to an account that no operator has linked.
    browser = at_the_signature(bank, linked.browser(), "taro")
    database = linked.parts.database
    database.write("DELETE FROM account_links", ())
    ((signing_in,),) = database.read_all("SELECT credential_id FROM credentials", ())
    pki = linked.parts.sandbox[0]  # type: ignore[index]
    issued = linked.cards["taro"].digital_signature
    assert issued is not None
    anchor = next(anchor for anchor in pki.anchors().anchors if anchor.name == issued.authority)
    digests = digest_credential(linked.parts.lookup_keys, anchor.issuer_key_id, issued.serial)
    shown = PresentedCredential(digests, "card-signing", "card", linked.clock() + timedelta(days=900))
    with linked.parts.durable.writing() as writer:
        attach_credential(writer, shown, signing_in, now=linked.clock(), txn="ceremony")
    browser.use_sandbox_card("taro")
    assert browser.last.status_code == 200
    assert linked.count_rows("released_claims") == 0
    assert linked.audit_events()[-1][3] == "different_person"


def test_questions_about_one_sub_stay_counted_when_accounts_merge_and_part(linked: Provider) -> None:
    known, other = present(linked, 1, "hanako"), present(linked, 2, "taro")
    with linked.parts.durable.writing() as writer:
        writer.find_or_insert_subject(known.account_id, SECTOR, "sub", linked.clock())
    linked.parts.database.write("DELETE FROM account_links WHERE account_id = ?", (other.account_id,))
    assert [ask(linked, known.account_id, each) for each in ("13", "18", "20", "25")] == [True, True, True, False]
    merge_id = merge_accounts(linked, known.account_id, other.account_id)
    assert linked.parts.durable.find_subject(other.account_id, SECTOR) == "sub"
    assert [ask(linked, other.account_id, each) for each in ("25", "18")] == [False, True]
    undo(linked, merge_id)
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


def test_whoever_was_sent_away_does_not_come_back_with_another_card(linked: Provider) -> None:
    victim = present(linked, 1, None)
    attached_id = attach(linked, 2, victim.credential_id)
    assert present(linked, 2, "mallory").account_id == victim.account_id
    with linked.parts.durable.writing() as writer:
        undo_attachment(writer, attached_id, victim.credential_id, now=linked.clock())
    assert present(linked, 3, "mallory").account_id != victim.account_id
    assert present(linked, 1, "hanako").account_id == victim.account_id


def test_a_card_reported_lost_while_it_is_announced_leaves_no_way_for_the_next_one(linked: Provider) -> None:
    victim = present(linked, 1, None)
    attached_id = attach(linked, 2, victim.credential_id)
    present(linked, 2, "mallory")
    with linked.parts.durable.writing() as writer:
        report_lost(writer, attached_id, now=linked.clock())
    assert present(linked, 3, "mallory").account_id != victim.account_id


def test_after_a_merge_is_undone_a_card_of_the_meantime_goes_with_its_person(linked: Provider) -> None:
    mallory, victim = present(linked, 1, "mallory"), present(linked, 2, None)
    merge_id = merge_accounts(linked, mallory.account_id, victim.account_id)
    assert present(linked, 3, "mallory").account_id == victim.account_id
    undo(linked, merge_id)
    assert present(linked, 3, "mallory").account_id == mallory.account_id
    assert present(linked, 2, "hanako").account_id == victim.account_id


def test_after_a_merge_is_undone_a_link_of_the_meantime_leads_nobody(linked: Provider) -> None:
    mallory, victim = present(linked, 1, None), present(linked, 2, None)
    merge_id = merge_accounts(linked, mallory.account_id, victim.account_id)
    present(linked, 1, "mallory")
    undo(linked, merge_id)
    assert present(linked, 3, "mallory").account_id != victim.account_id
    assert present(linked, 2, "hanako").account_id == victim.account_id


@pytest.mark.parametrize("agreed", [(), ("name",), ("name", "birthdate")])
def test_the_journal_does_not_tell_who_refused_from_whose_card_says_something_else(
    linked: Provider, agreed: tuple[str, ...]
) -> None:
    """Decision 0006: unmet, refused and unavailable look the same, to the client's developer too."""
    shop = linked.relying_party(scope="openid name birthdate")
    browser = linked.browser()
    wanted = verified(name={"value": "x"}, birthdate={"value": "2000-01-01"}, gender=None)
    browser.authorize(shop.request(scope="openid", **wanted))
    to_the_choice(browser)
    choose(browser, *agreed)
    if agreed:
        browser.use_sandbox_card("hanako")
    assert shop.tokens(browser.last)
    place = "claims: userinfo.verified_claims[0]"
    assert told_of_claims(linked, shop) == {
        (place, "left_out"),
        (f"{place}.claims.name", "left_out"),
        (f"{place}.claims.birthdate", "left_out"),
        (f"{place}.claims.gender", "not_registered"),
    }
