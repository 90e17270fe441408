"""A person's own account on every engine: what is shown, what ends, what is left of a deleted one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from idp.audit import AuditEvent, AuditRecord
from idp.identity.account import AccountState
from idp.identity.credential import CredentialState, LookupDigest
from idp.signin.own_account_overview import Receipt
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import ACCOUNT, CREDENTIAL, DIGEST, LATER, MINUTE, NOW, SESSION, register, sign_in

OWN = ":account"


@pytest.fixture
def known(place: Place, store: DurableStore) -> DurableStore:
    """One sign-in of ``GRANT``'s person at ``GRANT``'s client, which was given two claims."""
    register(place.url)
    sign_in(store)
    with store.writing() as writer:
        writer.save_consent("account", "client", frozenset({"openid"}), NOW, NOW + timedelta(days=90))
        writer.append_audit(AuditRecord(AuditEvent.SIGNED_IN, NOW, "account", "client", "txn"))
        writer.append_audit(AuditRecord(AuditEvent.SIGNED_IN, NOW, "account", OWN, "other"))
        writer.insert_sealed_claims("grant", "sealed")
        writer.append_audit(AuditRecord(AuditEvent.CLAIMS_RELEASED, NOW, "account", "client", "txn", "birthdate name"))
        writer.insert_access_token(b"a" * 32, "grant", ("openid",), NOW, NOW + 5 * MINUTE)
    return store


def test_an_overview_has_cards_and_clients_and_not_the_page_itself(known: DurableStore) -> None:
    overview = known.find_account_overview("account", OWN, NOW)
    assert overview is not None
    assert [(card.credential_id, card.kind, card.state) for card in overview.cards] == [
        ("credential", "card", CredentialState.ACTIVE)
    ]
    (client,) = overview.services
    assert (client.client_id, client.since, client.last_at) == ("client", NOW, NOW)
    assert client.has_access
    assert client.agreed_until == NOW + timedelta(days=90)
    assert client.receipts == (Receipt(NOW, ("birthdate", "name")),)


def test_what_has_ended_is_no_access_any_more(known: DurableStore) -> None:
    overview = known.find_account_overview("account", OWN, NOW + timedelta(days=91))
    assert overview is not None
    assert not overview.services[0].has_access
    assert overview.services[0].agreed_until is None
    assert known.find_account_overview("nobody", OWN, NOW) is None


def test_ending_a_clients_grants_ends_tokens_and_forgets_the_claims(known: DurableStore) -> None:
    with known.writing() as writer:
        assert writer.end_client_grants("account", "elsewhere", NOW) == 0
        assert writer.end_client_grants("other", "client", NOW) == 0
        assert writer.end_client_grants("account", "client", NOW) == 1
        assert writer.end_client_grants("account", "client", NOW) == 0
    assert known.find_access_token(b"a" * 32, NOW) is None
    assert known.find_sealed_claims("grant") is None


def test_an_erased_account_keeps_its_subjects_and_blocked_credentials_alone(known: DurableStore) -> None:
    blocked = replace(CREDENTIAL, credential_id="blocked", lookup=LookupDigest("key-1", b"e" * 32))
    with known.writing() as writer:
        sub = writer.find_or_insert_subject("account", "client.example", "subject", NOW)
        assert writer.insert_credential(blocked, NOW)
        assert writer.suspend_credential("blocked", NOW)
        assert writer.insert_account_link(DIGEST, "account", "check", NOW)
        writer.erase_account("account", LATER)
        assert writer.find_account("account") == replace(ACCOUNT, state=AccountState.CLOSED)
        assert {item.kind for item in writer.find_account_items("account")} == {"subject", "credential"}
        assert writer.find_account_by_link([DIGEST]) is None
    assert known.find_account_overview("account", OWN, LATER) is None
    assert known.find_credential([DIGEST]) is None
    kept = known.find_credential([blocked.lookup])
    assert kept is not None
    assert not kept.is_account_active
    assert known.find_subject("account", "client.example") == sub
    assert known.find_browser_session(SESSION.session_hash, NOW) is None
    assert known.find_access_token(b"a" * 32, NOW) is None
    assert known.find_consent("account", "client", NOW) is None
