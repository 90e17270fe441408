"""Self-registered clients and invitations, on every engine."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from idp.oidc.client import Client
from idp.oidc.registration_ports import NO_LIMITS, Invitation, RegistrationLimits, SelfRegistration
from idp.stores.sql.administration import Administration
from idp.stores.sql.client_registrations import ClientRegistrations, StoredInvitation
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import NOW, make_client, sign_in

LATER = NOW + timedelta(days=1)
LIMITS = RegistrationLimits(("openid",), ("rp.example", "two.example"))
TOKEN = b"t" * 32


@pytest.fixture
def registrations(place: Place) -> ClientRegistrations:
    return ClientRegistrations(Administration(place.url))


def made(client: Client, **changed: object) -> SelfRegistration:
    members = {
        "client": client,
        "token_hash": client.client_id.encode(),
        "limits": NO_LIMITS,
        "software_statement": None,
        "expires_at": None,
        **changed,
    }
    return SelfRegistration(**members)  # type: ignore[arg-type]


def invite(registrations: ClientRegistrations, uses: int = 1, expires_at: datetime = LATER) -> Invitation:
    registrations.insert_invitation(StoredInvitation("invitation", "for us", LIMITS, uses, expires_at), TOKEN, NOW)
    return Invitation("invitation", LIMITS)


def test_a_registration_is_found_by_client_and_token_together(
    registrations: ClientRegistrations, store: DurableStore
) -> None:
    client = make_client(client_id="own")
    kept = made(client, limits=LIMITS, software_statement="a.b.c", expires_at=LATER)
    assert registrations.insert_registration(kept, 1, NOW)
    assert store.find_client("own") == client
    assert registrations.find_registration("own", b"own", NOW) == kept
    for client_id, token_hash in (("own", b"other"), ("other", b"own"), ("\x00", b"own"), ("own", b"")):
        assert registrations.find_registration(client_id, token_hash, NOW) is None


def test_past_its_time_a_client_manages_itself_no_more_and_is_purged(
    registrations: ClientRegistrations, store: DurableStore
) -> None:
    registrations.insert_registration(made(make_client(client_id="own"), expires_at=LATER), 9, NOW)
    registrations.insert_registration(made(make_client(client_id="kept")), 9, NOW)
    before = LATER - timedelta(seconds=1)
    assert registrations.find_registration("own", b"own", before) is not None
    assert registrations.find_registration("own", b"own", LATER) is None
    assert store.purge_expired(before, 10)["clients"] == 0
    assert store.purge_expired(LATER, 10)["clients"] == 1
    assert store.find_client("own") is None
    assert store.find_client("kept") is not None


def test_there_are_only_so_many_without_an_invitation(registrations: ClientRegistrations) -> None:
    assert registrations.insert_registration(made(make_client(client_id="one"), expires_at=LATER), 2, NOW)
    assert registrations.insert_registration(made(make_client(client_id="two"), expires_at=LATER), 2, NOW)
    assert not registrations.insert_registration(made(make_client(client_id="three")), 2, NOW)
    assert registrations.insert_registration(made(make_client(client_id="three")), 2, LATER)
    assert registrations.insert_registration(
        made(make_client(client_id="in"), invitation=invite(registrations)), 2, NOW
    )


def test_an_invitation_is_found_while_it_is_good(registrations: ClientRegistrations) -> None:
    invitation = invite(registrations, uses=2)
    assert registrations.find_invitation(TOKEN, NOW) == invitation
    assert registrations.find_invitation(b"other", NOW) is None
    assert registrations.find_invitation(TOKEN, LATER) is None
    (listed,) = registrations.list_invitations(NOW)
    assert (listed.note, listed.uses_left, listed.limits) == ("for us", 2, LIMITS)
    assert registrations.list_invitations(LATER) == ()


def test_an_invitation_is_used_up(registrations: ClientRegistrations, store: DurableStore) -> None:
    invitation = invite(registrations, uses=1)
    assert registrations.insert_registration(made(make_client(client_id="one"), invitation=invitation), 9, NOW)
    assert not registrations.insert_registration(made(make_client(client_id="two"), invitation=invitation), 9, NOW)
    assert store.find_client("two") is None
    assert registrations.find_invitation(TOKEN, NOW) is None
    assert registrations.list_invitations(NOW) == ()


def test_an_invitation_that_ended_lets_nobody_in(registrations: ClientRegistrations) -> None:
    invitation = invite(registrations, uses=9)
    assert not registrations.insert_registration(made(make_client(client_id="a"), invitation=invitation), 9, LATER)
    assert registrations.delete_invitation("invitation", NOW)
    assert not registrations.delete_invitation("invitation", NOW)
    assert not registrations.delete_invitation("\x00", NOW)
    assert not registrations.insert_registration(made(make_client(client_id="a"), invitation=invitation), 9, NOW)


def test_of_many_at_once_as_many_come_in_as_the_invitation_says(
    registrations: ClientRegistrations, store: DurableStore
) -> None:
    invitation = invite(registrations, uses=2)
    let_in: list[bool] = []

    def register(number: int) -> None:
        client = make_client(client_id=f"client-{number}")
        let_in.append(registrations.insert_registration(made(client, invitation=invitation), 9, NOW))

    threads = [threading.Thread(target=register, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(let_in) == [False] * 4 + [True] * 2
    assert sum(store.find_client(f"client-{number}") is not None for number in range(6)) == 2


def test_a_client_that_changed_meanwhile_is_not_overwritten(
    registrations: ClientRegistrations, store: DurableStore
) -> None:
    client = make_client(client_id="own")
    registrations.insert_registration(made(client), 9, NOW)
    changed = replace(client, client_name="changed", fingerprint=b"changed")
    assert registrations.replace_registration(client, changed, "x.y.z", NOW)
    assert not registrations.replace_registration(client, client, None, NOW)
    found = registrations.find_registration("own", b"own", NOW)
    assert found is not None
    assert (found.client, found.software_statement) == (changed, "x.y.z")
    assert store.find_client("own") == changed


def test_removing_the_client_removes_what_hangs_on_it(registrations: ClientRegistrations, store: DurableStore) -> None:
    registrations.insert_registration(made(make_client(client_id="client")), 9, NOW)
    sign_in(store)
    assert registrations.delete_client("client", NOW)
    assert registrations.find_registration("client", b"client", NOW) is None
    assert registrations.insert_registration(made(make_client(client_id="client")), 1, NOW)


def test_each_step_is_audited_with_who_took_it(registrations: ClientRegistrations, store: DurableStore) -> None:
    invitation = invite(registrations)
    client = make_client(client_id="own")
    registrations.insert_registration(made(client, invitation=invitation), 9, NOW)
    registrations.replace_registration(client, replace(client, client_name="x", fingerprint=b"x"), None, NOW)
    registrations.delete_client("own", NOW)
    registrations.delete_invitation("invitation", NOW)
    events = store.read_audit_events(1, store.find_settled_audit_sequence(), 10)
    assert [(event.record.event.value, event.record.outcome) for event in events] == [
        ("client_invited", ""),
        ("client_added", "self_registered"),
        ("client_changed", "self_registered"),
        ("client_removed", ""),
        ("invitation_ended", ""),
    ]
