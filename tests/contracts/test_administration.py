"""What an operator does with clients and accounts, on every engine; and what requests see of it."""

from dataclasses import replace

import pytest

from idp.identity.account import AccountState
from idp.oidc.client import Client
from idp.stores.sql.account_administration import AccountAdministration
from idp.stores.sql.administration import Administration
from idp.stores.sql.client_administration import ClientAdministration
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import CLIENT, CODE, DIGEST, NOW, SESSION, make_client, sign_in


@pytest.fixture
def administration(place: Place) -> Administration:
    return Administration(place.url)


@pytest.fixture
def clients(administration: Administration) -> ClientAdministration:
    return ClientAdministration(administration)


@pytest.fixture
def accounts(administration: Administration) -> AccountAdministration:
    return AccountAdministration(administration)


@pytest.mark.parametrize(
    "client",
    [CLIENT, make_client(secret_hash=None, jwks=None, token_endpoint_auth_method="none", require_pkce=False)],
    ids=["confidential", "public"],
)
def test_a_client_is_found_as_it_was_registered(
    clients: ClientAdministration, store: DurableStore, client: Client
) -> None:
    assert clients.insert_client(client)
    assert store.find_client("client") == client
    assert clients.find_client("client") == client
    assert clients.list_clients() == (client,)


def test_a_client_id_is_registered_once(clients: ClientAdministration, store: DurableStore) -> None:
    assert clients.insert_client(CLIENT)
    assert not clients.insert_client(make_client(client_name="other"))
    assert store.find_client("client") == CLIENT


@pytest.mark.parametrize("client_id", ["", "unknown", "\x00", "\ud800", "' OR 1=1 --"])
def test_a_client_id_that_is_not_registered_finds_nothing(
    clients: ClientAdministration, store: DurableStore, client_id: str
) -> None:
    assert store.find_client(client_id) is None
    assert clients.find_client(client_id) is None


def test_a_rotated_secret_takes_the_place_of_the_old_one(clients: ClientAdministration, store: DurableStore) -> None:
    clients.insert_client(CLIENT)
    assert clients.replace_secret_hash("client", b"new", NOW)
    assert not clients.replace_secret_hash("unknown", b"new", NOW)
    assert store.find_client("client") == replace(CLIENT, secret_hash=b"new")


def test_many_clients_are_registered_all_or_none(clients: ClientAdministration) -> None:
    others = [make_client(client_id="one"), make_client(client_id="two")]
    assert clients.insert_clients([*others, others[0]]) == "one"
    assert clients.list_clients() == ()
    assert clients.insert_clients(others) is None
    assert clients.insert_clients([make_client(client_id="three"), others[1]]) == "two"
    assert {each.client_id for each in clients.list_clients()} == {"one", "two"}


def test_a_client_is_replaced_only_as_it_was_last_seen(clients: ClientAdministration, store: DurableStore) -> None:
    clients.insert_client(CLIENT)
    changed = replace(CLIENT, client_name="other", fingerprint=b"other")
    assert clients.replace_client(CLIENT, changed, NOW)
    assert not clients.replace_client(CLIENT, CLIENT, NOW)
    assert store.find_client("client") == changed


def test_a_secret_that_was_rotated_meanwhile_does_not_come_back(
    clients: ClientAdministration, store: DurableStore
) -> None:
    clients.insert_client(CLIENT)
    assert clients.replace_secret_hash("client", b"rotated".ljust(32), NOW)
    assert not clients.replace_client(CLIENT, replace(CLIENT, client_name="other", fingerprint=b"other"), NOW)
    client = store.find_client("client")
    assert client is not None
    assert client.secret_hash == b"rotated".ljust(32)


def test_a_client_that_changes_its_sector_loses_its_consents_and_nothing_else(
    clients: ClientAdministration, store: DurableStore
) -> None:
    clients.insert_client(CLIENT)
    sign_in(store)
    with store.writing() as writer:
        writer.save_consent("account", "client", frozenset({"openid"}), NOW, SESSION.expires_at)
    same = replace(CLIENT, client_name="other", fingerprint=b"same")
    assert clients.replace_client(CLIENT, same, NOW)
    assert store.find_consent("account", "client", NOW) is not None
    assert clients.replace_client(same, replace(same, sector="other.example", fingerprint=b"moved"), NOW)
    assert store.find_consent("account", "client", NOW) is None
    with store.writing() as writer:
        assert writer.spend_code(CODE, "client", NOW) is not None


def test_a_removed_client_takes_its_grants_with_it_and_leaves_the_sectors_subjects(
    clients: ClientAdministration, store: DurableStore
) -> None:
    clients.insert_client(CLIENT)
    sign_in(store)
    with store.writing() as writer:
        writer.find_or_insert_subject("account", "client.example", "sub", NOW)
    assert clients.delete_client("client", NOW)
    assert not clients.delete_client("client", NOW)
    assert store.find_client("client") is None
    with store.writing() as writer:
        assert writer.spend_code(CODE, "client", NOW) is None
    assert store.find_subject("account", "client.example") == "sub"
    assert store.find_credential([DIGEST]) is not None


def test_every_change_of_a_client_leaves_an_audit_event(clients: ClientAdministration, store: DurableStore) -> None:
    clients.insert_client(CLIENT)
    clients.replace_secret_hash("client", b"new", NOW)
    clients.delete_client("client", NOW)
    events = store.read_audit_events(1, store.find_settled_audit_sequence(), 10)
    assert [event.record.event.value for event in events] == [
        "client_added",
        "client_secret_rotated",
        "client_removed",
    ]


def test_an_account_is_found_by_id_by_txn_and_by_a_clients_sub(
    clients: ClientAdministration, accounts: AccountAdministration, store: DurableStore
) -> None:
    clients.insert_client(CLIENT)
    clients.insert_client(make_client(client_id="stranger", sector="stranger.example"))
    sign_in(store)
    with store.writing() as writer:
        writer.find_or_insert_subject("account", "client.example", "sub", NOW)
    summary = accounts.find_account("account", NOW)
    assert summary is not None
    assert summary.state is AccountState.ACTIVE
    assert [credential.credential_id for credential in summary.credentials] == ["credential"]
    assert (summary.session_count, summary.client_ids) == (1, ("client",))
    assert accounts.find_account_by_txn("txn", NOW) == summary
    assert accounts.find_account_by_subject("client", "sub", NOW) == summary
    assert accounts.find_account_by_subject("stranger", "sub", NOW) is None
    assert accounts.find_account_by_txn("other", NOW) is None
    assert accounts.find_txns("tx", 2) == ("txn",)
    assert accounts.find_txns("TX", 2) == accounts.find_txns("t_n", 2) == accounts.find_txns("\x00", 2) == ()
    assert accounts.find_account("nobody", NOW) is None


def test_an_expired_session_is_not_counted(
    clients: ClientAdministration, accounts: AccountAdministration, store: DurableStore
) -> None:
    clients.insert_client(CLIENT)
    sign_in(store)
    summary = accounts.find_account("account", SESSION.expires_at)
    assert summary is not None
    assert summary.session_count == 0


@pytest.mark.parametrize("text", ["\x00", "\ud800"])
def test_text_that_no_column_can_hold_finds_no_account(accounts: AccountAdministration, text: str) -> None:
    assert accounts.find_account(text, NOW) is None
    assert accounts.find_account_by_txn(text, NOW) is None
    assert accounts.find_account_by_subject(text, text, NOW) is None
