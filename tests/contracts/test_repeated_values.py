"""What the statement that spends a code finds of the client's earlier requests, on every engine (R8)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.oidc.grant import Grant, SpentCode
from idp.stores.sql.database import StatementCounter
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import CODE, GRANT, LATER, NOW, make_client, register, sign_in

SECOND = b"2" * 32


@pytest.fixture
def signed_in(place: Place, store: DurableStore) -> DurableStore:
    register(place.url, make_client(), make_client(client_id="other"))
    sign_in(store)
    return store


def grant_again(store: DurableStore, code_hash: bytes = SECOND, **changes: str | None) -> Grant:
    grant = replace(GRANT, **({"grant_id": "second", "txn": "txn-2"} | changes))
    with store.writing() as writer:
        writer.insert_grant(grant, code_hash, LATER)
    return grant


def spend(store: DurableStore, code_hash: bytes, client_id: str = "client") -> SpentCode:
    with store.writing() as writer:
        spent = writer.spend_code(code_hash, client_id, NOW)
    assert spent is not None
    return spent


def test_r8_a_challenge_and_a_nonce_of_a_redeemed_code_are_found_again(signed_in: DurableStore) -> None:
    second = grant_again(signed_in)
    assert spend(signed_in, CODE) == SpentCode(GRANT)
    assert spend(signed_in, SECOND) == SpentCode(second, is_challenge_repeated=True, is_nonce_repeated=True)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"nonce": "another"}, (True, False)),
        ({"code_challenge": "another"}, (False, True)),
        ({"nonce": None, "code_challenge": None}, (False, False)),
        ({"nonce": "another", "code_challenge": "another"}, (False, False)),
    ],
)
def test_r8_each_value_is_looked_for_by_itself(
    signed_in: DurableStore, changes: dict[str, str | None], found: tuple[bool, bool]
) -> None:
    grant_again(signed_in, **changes)
    spend(signed_in, CODE)
    spent = spend(signed_in, SECOND)
    assert (spent.is_challenge_repeated, spent.is_nonce_repeated) == found


def test_r8_values_that_are_absent_are_not_equal(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store, replace(GRANT, nonce=None, code_challenge=None))
    second = grant_again(store, nonce=None, code_challenge=None)
    spend(store, CODE)
    assert spend(store, SECOND) == SpentCode(second)


def test_a_code_that_was_issued_and_not_redeemed_does_not_count(signed_in: DurableStore) -> None:
    """Somebody pressed twice or reloaded the address: two codes for one challenge, of which one is redeemed."""
    second = grant_again(signed_in)
    assert spend(signed_in, SECOND) == SpentCode(second)


def test_a_code_that_was_spent_in_vain_does_not_count(signed_in: DurableStore) -> None:
    """A thief with a wrong verifier: the grant ended in the transaction that spent its code."""
    second = grant_again(signed_in)
    with signed_in.writing() as writer:
        assert writer.spend_code(CODE, "client", NOW) is not None
        assert writer.revoke_grant(GRANT.grant_id, NOW)
    assert spend(signed_in, SECOND) == SpentCode(second)


def test_r8_a_code_that_was_redeemed_counts_also_when_its_grant_has_ended_since(signed_in: DurableStore) -> None:
    grant_again(signed_in)
    spend(signed_in, CODE)
    with signed_in.writing() as writer:
        assert writer.revoke_grant(GRANT.grant_id, NOW + timedelta(seconds=1))
    assert spend(signed_in, SECOND).is_challenge_repeated


def test_another_clients_values_are_its_own(signed_in: DurableStore) -> None:
    second = grant_again(signed_in, client_id="other")
    spend(signed_in, CODE)
    assert spend(signed_in, SECOND, "other") == SpentCode(second)


def test_r8_a_third_and_a_fourth_code_are_found_too(signed_in: DurableStore) -> None:
    """The second was refused, and still the verifier was used: by the first."""
    with signed_in.writing() as writer:
        assert writer.spend_code(CODE, "client", NOW) is not None
    for number in (2, 3, 4):
        code = bytes([number]) * 32
        grant_again(signed_in, code, grant_id=f"grant-{number}", txn=f"txn-{number}")
        assert spend(signed_in, code).is_challenge_repeated
        with signed_in.writing() as writer:
            assert writer.revoke_grant(f"grant-{number}", NOW)


def test_codes_that_race_are_both_answered(signed_in: DurableStore) -> None:
    """They may miss each other; neither may block or fail."""
    grant_again(signed_in)
    with ThreadPoolExecutor(2) as pool:
        spent = list(pool.map(lambda code: spend(signed_in, code), (CODE, SECOND)))
    assert [each.grant.grant_id for each in spent] == ["grant", "second"]


def test_looking_costs_no_statement_of_its_own(place: Place, signed_in: DurableStore) -> None:
    counter = StatementCounter()
    counted = DurableStore(place.open(counter))
    spend(counted, CODE)
    assert len(counter.statements) == 1
