"""Attack: read somebody else's evidence, or learn whether there is any."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from idp.stores.sql.administration import Administration
from tests.contracts.test_evidence_store import RECORD
from tests.support.client_assertion import KeyedClient, get
from tests.support.provider import Provider

TXN = "t" * 43
PER_ANSWER = {"Date"}


@pytest.fixture
def bank(provider: Provider) -> KeyedClient:
    """A client with one record of evidence."""
    keyed = KeyedClient(provider)
    now = provider.clock()
    record = replace(
        RECORD, txn=TXN, client_id=keyed.client_id, sealed=None, recorded_at=now, expires_at=now + timedelta(days=9)
    )
    with provider.parts.durable.writing() as writer:
        writer.insert_evidence(record)
    return keyed


def seen(answer: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All that a caller sees."""
    return answer.status_code, answer.get_data(), sorted((n, v) for n, v in answer.headers if n not in PER_ANSWER)


@pytest.fixture
def nothing(bank: KeyedClient) -> tuple[int, bytes, list[tuple[str, str]]]:
    """What the client that has evidence sees where there is none."""
    answer = bank.get_evidence("u" * 43)
    assert (answer.status_code, answer.get_json()) == (404, {"error": "not_found"})
    assert "WWW-Authenticate" not in answer.headers
    return seen(answer)


def test_the_owner_reads_it(bank: KeyedClient) -> None:
    assert bank.get_evidence(TXN).status_code == 200
    again = bank.assertion(bank.provider.settings.issuer)
    assert bank.get_evidence(TXN, again).status_code == 200


def test_another_client_sees_nothing(provider: Provider, bank: KeyedClient, nothing: object) -> None:
    assert seen(KeyedClient(provider).get_evidence(TXN)) == nothing
    assert provider.count_rows("audit_events", "event = 'evidence_read'") == 0


def test_a_wrong_key_sees_nothing(bank: KeyedClient, nothing: object) -> None:
    forged = bank.assertion(bank.evidence_url(TXN), ECKey.generate_key("P-256", private=True))
    assert seen(bank.get_evidence(TXN, forged)) == nothing


def test_a_used_assertion_sees_nothing(bank: KeyedClient, nothing: object) -> None:
    assertion = bank.assertion(bank.evidence_url(TXN))
    assert bank.get_evidence(TXN, assertion).status_code == 200
    assert seen(bank.get_evidence(TXN, assertion)) == nothing
    assert bank.provider.count_rows("audit_events", "event = 'evidence_read'") == 1


def test_an_assertion_for_one_record_opens_no_other(bank: KeyedClient, nothing: object) -> None:
    assert seen(bank.get_evidence(TXN, bank.assertion(bank.evidence_url("u" * 43)))) == nothing


def test_an_assertion_for_the_token_endpoint_opens_nothing(bank: KeyedClient, nothing: object) -> None:
    """U2."""
    assert seen(bank.get_evidence(TXN, bank.assertion(f"{bank.provider.settings.issuer}/token"))) == nothing


@pytest.mark.parametrize(
    "change",
    [{"iss": "somebody"}, {"sub": "somebody"}, {"exp": 1}, {"jti": None}, {"aud": ["a", "b"]}, {"sub": "\x00"}],
    ids=str,
)
def test_a_faulty_assertion_sees_nothing(bank: KeyedClient, nothing: object, change: dict[str, Any]) -> None:
    assertion = bank.assertion(bank.evidence_url(TXN), **change)
    assert seen(bank.get_evidence(TXN, assertion)) == nothing


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Bearer a.b.c", "Basic YTpi", "Bearer " + "a" * 9000]
)
def test_whoever_does_not_authenticate_sees_nothing(bank: KeyedClient, nothing: object, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    assert seen(get(bank.provider, f"/evidence/{TXN}", **headers)) == nothing


def test_a_secret_is_no_key(provider: Provider, bank: KeyedClient, nothing: object) -> None:
    party = provider.relying_party()
    with provider.parts.durable.writing() as writer:
        writer.insert_evidence(replace(RECORD, client_id=party.client.client_id, txn="s" * 43))
    assertion = bank.assertion(bank.evidence_url("s" * 43), iss=party.client.client_id, sub=party.client.client_id)
    assert seen(bank.get_evidence("s" * 43, assertion)) == nothing


def test_an_expired_record_is_none(bank: KeyedClient, nothing: object) -> None:
    bank.provider.clock.advance(9 * 86_400)
    assert seen(bank.get_evidence(TXN)) == nothing


@pytest.mark.parametrize("txn", ["%00", "%ED%A0%80", "%E3%81%82", "'%20OR%201=1%20--", "%2e%2e"])
def test_a_hostile_name_of_a_record_is_none(bank: KeyedClient, nothing: object, txn: str) -> None:
    assertion = bank.assertion(bank.provider.settings.issuer)
    assert seen(get(bank.provider, f"/evidence/{txn}", Authorization=f"Bearer {assertion}")) == nothing


def test_an_altered_seal_is_told_to_nobody(bank: KeyedClient, nothing: object) -> None:
    provider = bank.provider
    provider.change_client(replace(bank.party.client, is_lawful_verifier=True))
    with Administration(provider.settings.stores.database, None).session() as session:
        session.connection().exec_driver_sql("UPDATE evidence SET sealed = 'AAAA'")
    assert seen(bank.get_evidence(TXN)) == nothing
    assert any(line.get("reason") == "unsealable" for line in provider.log_lines())
