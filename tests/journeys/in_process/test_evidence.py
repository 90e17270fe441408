"""Years later: what was checked, agreed to and told, for the client that was told it."""

from dataclasses import replace

import pytest
from werkzeug.test import Client

from idp.oidc.registration import client_fingerprint
from tests.journeys.in_process.test_linked_person import with_operator
from tests.journeys.in_process.test_verified_claims import SCOPE, choose, to_the_choice, verified
from tests.support.client_assertion import KeyedClient, get
from tests.support.fapi_client import ASSERTION_TYPE
from tests.support.provider import Provider

DAY = 86_400


@pytest.fixture
def linked(provider: Provider) -> Provider:
    return with_operator(provider)


def entitle(client: KeyedClient, *, is_lawful: bool = True, days: int | None = None) -> None:
    changed = replace(client.party.client, is_lawful_verifier=is_lawful, evidence_retention_days=days)
    changed = replace(changed, fingerprint=client_fingerprint(changed))
    client.provider.change_client(changed)
    client.party.client = changed


def open_an_account(client: KeyedClient) -> str:
    """Sign in, release name and birthdate; the sign-in's txn."""
    browser = client.provider.browser()
    browser.authorize(client.party.request(**verified(name=None, birthdate=None, address=None)))
    to_the_choice(browser)
    choose(browser, "name", "birthdate")
    browser.use_sandbox_card("hanako")
    assert client.party.code(browser.last)
    rows = client.provider.parts.database.read_all("SELECT txn FROM evidence ORDER BY recorded_at DESC")
    return str(rows[0][0])


def test_a_client_with_a_legal_basis_reads_what_was_checked_signed_and_told(linked: Provider) -> None:
    bank = KeyedClient(linked, scope=SCOPE)
    entitle(bank)
    txn = open_an_account(bank)
    answer = bank.get_evidence(txn)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    evidence = answer.get_json()
    assert (evidence["txn"], evidence["client_id"]) == (txn, bank.client_id)
    assert evidence["sub"] == linked.parts.database.read_one("SELECT sub FROM grants")[0]  # type: ignore[index]
    assert [each["kind"] for each in evidence["certificates"]] == ["user-authentication", "digital-signature"]
    assert all(check["id"] and check["time"] for each in evidence["certificates"] for check in each["checks"])
    methods = {check["method"] for each in evidence["certificates"] for check in each["checks"]}
    assert "signature" in methods
    # That an operator had to be asked would tell that the card was new here.
    assert "linkage" not in methods
    assert evidence["consent_items"] == ["name", "birthdate"]
    assert {"name", "birthdate", "txn", "verified_claims"} == set(evidence["claims_released"])
    told = evidence["values"]["userinfo"]["verified_claims"]
    assert told["claims"] == {"name": "山田　花子", "birthdate": "1990-04-15"}
    told_checks = {check["check_id"] for check in told["verification"]["evidence"][0]["check_details"]}
    resolved = {check["id"] for each in evidence["certificates"] for check in each["checks"]}
    processes = {each["verification_process"] for each in evidence["certificates"]}
    assert told_checks <= resolved | processes
    assert "署名用電子証明書で署名します" in evidence["statement"]
    assert evidence["not_kept"] == ["user_authentication_certificate", "user_authentication_signature"]
    # Name and birthdate were agreed to; the certificate would tell the address too, and either leads to the card.
    assert evidence["withheld"] == ["certificate", "signature"]
    assert "proof" not in evidence
    (account_id,) = linked.parts.database.read_one("SELECT account_id FROM accounts")  # type: ignore[misc]
    assert account_id not in answer.get_data(as_text=True)
    assert ("evidence_read", account_id, txn, "client") in linked.audit_events()


def test_a_client_without_a_legal_basis_reads_the_same_without_values(linked: Provider) -> None:
    shop = KeyedClient(linked, scope=SCOPE)
    txn = open_an_account(shop)
    evidence = shop.get_evidence(txn).get_json()
    assert evidence["claims_released"]
    # What was agreed to and not told would tell a refusal from a value that was not met, and so would a hash of it.
    assert not {"consent_items", "statement_sha256"} & set(evidence)
    assert evidence["not_kept"] == ["certificate", "signature"]
    assert not {"values", "statement", "proof", "withheld"} & set(evidence)
    assert linked.count_rows("evidence", "sealed IS NOT NULL") == 0
    entitle(shop)
    assert "values" not in shop.get_evidence(txn).get_json()


def test_a_legal_basis_that_was_withdrawn_ends_the_reading_of_values(linked: Provider) -> None:
    bank = KeyedClient(linked, scope=SCOPE)
    entitle(bank)
    txn = open_an_account(bank)
    entitle(bank, is_lawful=False)
    again = linked.restart()
    bank.provider = again
    assert "values" not in bank.get_evidence(txn).get_json()


def test_a_sign_in_that_tells_nothing_leaves_no_evidence(linked: Provider) -> None:
    party = linked.relying_party()
    party.sign_in(linked.browser())
    assert linked.count_rows("evidence") == 0


def test_another_persons_signing_card_leaves_no_evidence(linked: Provider) -> None:
    browser = linked.browser()
    browser.authorize(linked.relying_party(scope=SCOPE).request(**verified(name=None)))
    to_the_choice(browser)
    choose(browser, "name")
    browser.use_sandbox_card("taro")
    assert linked.count_rows("evidence") == 0


def test_evidence_is_kept_as_long_as_its_client_must_keep_it(linked: Provider) -> None:
    bank, shop = KeyedClient(linked, scope=SCOPE), KeyedClient(linked, scope=SCOPE)
    entitle(shop, is_lawful=False, days=30)
    kept, short = open_an_account(bank), open_an_account(shop)
    linked.clock.advance(30 * DAY + 1)
    assert shop.get_evidence(short).status_code == 404
    assert bank.get_evidence(kept).status_code == 200
    linked.clock.advance(2527 * DAY)
    assert bank.get_evidence(kept).status_code == 404


def test_values_rest_sealed_and_are_nowhere_in_the_log(linked: Provider) -> None:
    bank = KeyedClient(linked, scope=SCOPE)
    entitle(bank)
    assert bank.get_evidence(open_an_account(bank)).status_code == 200
    for path in linked.directory.rglob("*.sqlite3*"):
        assert "山田".encode() not in path.read_bytes()
        assert "同意し".encode() not in path.read_bytes()
    assert "山田" not in str(linked.log_lines())


def test_the_description_leads_from_the_claims_to_the_record(linked: Provider) -> None:
    """OpenAPI 3.1.0 §4.8.20: what the link takes of a userinfo answer opens the evidence of that sign-in."""
    bank = KeyedClient(linked, scope=SCOPE)
    browser = linked.browser()
    browser.authorize(bank.party.request(**verified(name=None)))
    to_the_choice(browser)
    choose(browser, "name")
    browser.use_sandbox_card("hanako")
    form = {
        "grant_type": "authorization_code",
        "code": bank.party.code(browser.last),
        "redirect_uri": bank.party.client.redirect_uris[0],
        "code_verifier": bank.party.code_verifier,
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": bank.assertion(linked.settings.issuer),
    }
    tokens = Client(linked.app, use_cookies=False).post("/token", base_url=linked.settings.issuer, data=form).get_json()
    claims = bank.party.userinfo(tokens["access_token"]).get_json()
    described = get(linked, "/openapi.json").get_json()
    link = described["paths"]["/userinfo"]["get"]["responses"]["200"]["links"]["readEvidence"]
    member = link["parameters"]["path.txn"].removeprefix("$response.body#/")
    assert bank.get_evidence(claims[member]).get_json()["claims_released"]
