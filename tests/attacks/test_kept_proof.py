"""Attack: get at a kept signature, use it again, or find it where it should not rest."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from idp.sandbox.pki import IssuedCertificate
from idp.stores.sql.administration import Administration
from tests.attacks.refusals import assert_card_refused, assert_refused
from tests.journeys.in_process.test_linked_person import with_operator
from tests.support.client_assertion import KeyedClient
from tests.support.lawful_verifier import (
    ATTRIBUTES,
    SCOPE,
    SERIAL,
    asking_for_the_signature,
    entitle,
    newest_txn,
    presenter_of,
    signing_card,
    to_the_signature,
)
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider

NOTHING = (404, {"error": "not_found"})


@pytest.fixture
def linked(provider: Provider) -> Provider:
    return with_operator(provider)


def lawful(provider: Provider) -> KeyedClient:
    client = KeyedClient(provider, scope=SCOPE)
    entitle(provider, client.party)
    return client


@pytest.fixture
def bank(linked: Provider) -> KeyedClient:
    return lawful(linked)


def at_the_signature(client: KeyedClient, *items: str) -> PresenterDouble:
    """The presenter at a step-up; its browser is ``presenter.browser``."""
    browser = client.provider.browser()
    to_the_signature(browser, client.party.request(**asking_for_the_signature()), *(items or (*ATTRIBUTES, SERIAL)))
    presenter = presenter_of(client.provider, browser)
    presenter.browser = browser  # type: ignore[attr-defined]
    return presenter


def sign_and_return(client: KeyedClient, *items: str) -> str:
    """A whole sign-in with a signature; its txn."""
    presenter = at_the_signature(client, *items)
    presenter.browser.get(presenter.present())  # type: ignore[attr-defined]
    assert client.party.code(presenter.browser.last)  # type: ignore[attr-defined]
    return newest_txn(client.provider)


def evidence_of(client: KeyedClient, txn: str) -> tuple[int, Any]:
    answer = client.get_evidence(txn)
    return answer.status_code, answer.get_json()


def spellings(card: IssuedCertificate) -> Iterator[str]:
    """How a certificate and its serial number might stand somewhere."""
    der = card.certificate_der
    yield base64.b64encode(der).decode()[40:80]
    yield base64.urlsafe_b64encode(der).decode()[40:80]
    yield der.hex()[80:140]
    yield card.serial.hex()
    yield str(int.from_bytes(card.serial, "big"))


def stored(provider: Provider) -> list[dict[str, Any]]:
    """The sign-ins in flight, as anybody reads them who reads the transient store."""
    rows: Any = provider.parts.transient._database.read_all(
        "SELECT value FROM transient_records_1 WHERE kind = 'signin'"
    )
    return [json.loads(bytes(row[0])) for row in rows]


def files(provider: Provider) -> bytes:
    """All that rests in the installation's databases."""
    return b"".join(path.read_bytes() for path in sorted(provider.directory.glob("*.sqlite3*")))


def test_another_lawful_verifier_sees_nothing(linked: Provider, bank: KeyedClient) -> None:
    txn = sign_and_return(bank)
    assert evidence_of(lawful(linked), txn) == NOTHING


def test_a_legal_basis_that_was_withdrawn_ends_the_reading_of_the_proof(linked: Provider, bank: KeyedClient) -> None:
    txn = sign_and_return(bank)
    assert "certificate" in evidence_of(bank, txn)[1]["proof"]
    entitle(linked, bank.party, is_lawful=False)
    status, evidence = evidence_of(bank, txn)
    assert status == 200
    assert not {"proof", "withheld", "values", "statement"} & set(evidence)
    assert not any(spelling in json.dumps(evidence) for spelling in spellings(signing_card(linked)))


def test_a_legal_basis_that_comes_later_reveals_nothing_of_before(linked: Provider) -> None:
    shop = KeyedClient(linked, scope=SCOPE)
    txn = sign_and_return(shop, *ATTRIBUTES)
    entitle(linked, shop.party)
    assert "proof" not in evidence_of(shop, txn)[1]


def test_a_sealed_part_that_was_moved_from_another_record_is_told_to_nobody(
    linked: Provider, bank: KeyedClient
) -> None:
    first, second = sign_and_return(bank), sign_and_return(bank)
    assert first != second
    with Administration(linked.settings.stores.database, None).session() as session:
        session.connection().exec_driver_sql(
            "UPDATE evidence SET sealed = (SELECT sealed FROM evidence WHERE txn = ?) WHERE txn = ?", (first, second)
        )
    assert evidence_of(bank, second) == NOTHING
    assert any(line.get("reason") == "unsealable" for line in linked.log_lines())
    assert evidence_of(bank, first)[0] == 200


def kept_as_proof(evidence: dict[str, Any], presenter: PresenterDouble) -> dict[str, str]:
    proof = evidence["proof"]
    return presenter.proof(
        unverified_certificate=proof["certificate"], algorithm=proof["algorithm"], signature=proof["signature"]
    )


def test_a_kept_proof_signs_nothing_again(linked: Provider, bank: KeyedClient) -> None:
    _, evidence = evidence_of(bank, sign_and_return(bank))
    again = at_the_signature(bank)
    again.open()
    assert_card_refused(again.prove(kept_as_proof(evidence, again)), "bad_signature")
    assert linked.count_rows("evidence") == 1


def test_a_kept_proof_does_not_sign_in(linked: Provider, bank: KeyedClient) -> None:
    _, evidence = evidence_of(bank, sign_and_return(bank))
    browser = linked.browser()
    browser.authorize(bank.party.request(scope="openid"))
    thief = presenter_of(linked, browser)
    thief.open()
    assert_card_refused(thief.prove(kept_as_proof(evidence, thief)), "wrong_purpose")


def test_the_transaction_of_a_kept_proof_takes_no_other(linked: Provider, bank: KeyedClient) -> None:
    presenter = at_the_signature(bank)
    presenter.open()
    proof = presenter.proof()
    presenter.browser.get(presenter.prove(proof).get_json()["return_url"])  # type: ignore[attr-defined]
    assert_refused(presenter.prove(proof), 401, "invalid_handle")


def test_between_proof_and_return_the_store_holds_neither_certificate_nor_name(
    linked: Provider, bank: KeyedClient
) -> None:
    presenter = at_the_signature(bank)
    presenter.open()
    proof = presenter.proof()
    assert presenter.prove(proof).status_code == 200
    (signin,) = [each for each in stored(linked) if each["proven"]["purpose"] == "digital-signature"]
    assert signin["proven"]["sealed_proof"]
    text, resting = json.dumps(signin, ensure_ascii=False), files(linked)
    for secret in (*spellings(presenter.card), proof["signature"], "山田", "1990-04-15"):
        assert secret not in text
        assert secret.encode() not in resting
    assert presenter.card.certificate_der[40:90] not in resting
    assert len(text) < 16_000


def test_of_everybody_elses_proof_nothing_is_kept_on_the_way(linked: Provider) -> None:
    presenter = at_the_signature(KeyedClient(linked, scope=SCOPE), *ATTRIBUTES)
    presenter.present()
    (signin,) = [each for each in stored(linked) if each["proven"]["purpose"] == "digital-signature"]
    assert signin["proven"]["sealed_proof"] == ""
    assert signin["identified"]["sealed_proof"] == ""


def test_a_proof_that_is_not_returned_with_goes_when_the_presenter_cancels(linked: Provider, bank: KeyedClient) -> None:
    presenter = at_the_signature(bank)
    presenter.present()
    assert presenter.cancel().status_code == 200
    assert all(not each["proven"] for each in stored(linked) if each["opening"]["purpose"] == "digital-signature")


def test_another_persons_signature_is_kept_nowhere(linked: Provider, bank: KeyedClient) -> None:
    presenter = at_the_signature(bank)
    presenter.card = signing_card(linked, "taro")
    browser = presenter.browser  # type: ignore[attr-defined]
    browser.get(presenter.present())
    assert ("card_refused", "different_person") in [(event, outcome) for event, *_, outcome in linked.audit_events()]
    assert linked.count_rows("evidence") == 0
    assert not any("sealed_proof" in json.dumps(each["proven"]) for each in stored(linked) if each["proven"])


def test_a_basis_withdrawn_between_proof_and_return_ends_the_sign_in(linked: Provider, bank: KeyedClient) -> None:
    presenter = at_the_signature(bank)
    return_url = presenter.present()
    entitle(linked, bank.party, is_lawful=False)
    browser = presenter.browser  # type: ignore[attr-defined]
    assert browser.get(return_url).status_code == 409
    assert [linked.count_rows(table) for table in ("grants", "evidence", "released_claims")] == [0, 0, 0]


@pytest.mark.parametrize("member", ["transaction", "sealed_proof", "txn"])
def test_a_record_that_was_altered_between_proof_and_return_grants_nothing(
    linked: Provider, bank: KeyedClient, member: str
) -> None:
    presenter = at_the_signature(bank)
    return_url = presenter.present()
    (signin,) = [each for each in stored(linked) if each["opening"]["purpose"] == "digital-signature"]
    if member == "transaction":
        signin["opening"]["transaction"] = signin["opening"]["transaction"].replace("・", "")
    elif member == "sealed_proof":
        signin["proven"]["sealed_proof"] = signin["proven"]["sealed_proof"][:-8] + "AAAAAAAA"
    else:
        signin["txn"] = "u" * 42 + "A"
    linked.parts.transient._database.write(
        "UPDATE transient_records_1 SET value = ? WHERE kind = 'signin' AND instr(value, 'digital-signature') > 0",
        (json.dumps(signin).encode(),),
    )
    browser = presenter.browser  # type: ignore[attr-defined]
    assert browser.get(return_url).status_code == 500
    assert [linked.count_rows(table) for table in ("grants", "evidence", "released_claims")] == [0, 0, 0]


def test_no_log_line_and_no_audit_row_holds_serial_certificate_or_signature(
    linked: Provider, bank: KeyedClient
) -> None:
    presenter = at_the_signature(bank)
    presenter.open()
    bad = presenter.proof(signature=presenter.proof()["signature"][::-1])
    assert_card_refused(presenter.prove(bad), "bad_signature")
    proof = presenter.proof()
    presenter.browser.get(presenter.prove(proof).get_json()["return_url"])  # type: ignore[attr-defined]
    txn = newest_txn(linked)
    assert evidence_of(bank, txn)[0] == 200
    with Administration(linked.settings.stores.database, None).session() as session:
        session.connection().exec_driver_sql("UPDATE evidence SET sealed = substr(sealed, 2)")
    assert evidence_of(bank, txn) == NOTHING
    written = linked.log.getvalue() + str(linked.parts.database.read_all("SELECT * FROM audit_events"))
    for secret in (*spellings(presenter.card), proof["signature"], proof["signature"][::-1], presenter.nonce, "山田"):
        assert secret not in written


def test_evidence_rests_sealed_and_goes_with_its_time(linked: Provider, bank: KeyedClient) -> None:
    txn = sign_and_return(bank)
    resting = files(linked)
    for secret in (*spellings(signing_card(linked)), "山田", "この電子署名"):
        assert secret.encode() not in resting
    linked.clock.advance(linked.settings.evidence.retention_days * 86_400 + 1)
    assert evidence_of(bank, txn) == NOTHING
    durable = linked.parts.durable
    with durable.writing() as writer:
        assert writer.delete_expired_evidence(linked.clock(), 10) == ((txn, bank.client_id),)
    assert linked.count_rows("evidence") == 0


def test_a_deleted_account_leaves_only_what_a_law_demands(linked: Provider, bank: KeyedClient) -> None:
    txn = sign_and_return(bank)
    (account_id,) = linked.parts.database.read_one("SELECT account_id FROM accounts")  # type: ignore[misc]
    durable = linked.parts.durable
    with durable.writing() as writer:
        writer.insert_evidence(
            replace(
                durable.find_evidence(txn, linked.clock()),  # type: ignore[type-var]
                txn="plain",
                sealed=None,
                expires_at=linked.clock() + timedelta(days=1),
            )
        )
        assert [deleted for deleted, _ in writer.delete_account_evidence(account_id)] == ["plain"]
    assert "proof" in evidence_of(bank, txn)[1]
