"""The contract of ``oidc.ports.GrantStore`` on every engine."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.oidc.authorization_details import AuthorizationDetails
from idp.oidc.grant import AlreadyGranted, Grant
from idp.outage import StoreConflict
from idp.stores.sql.database import StatementCounter
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import CODE, GRANT, LATER, MINUTE, NOW, make_client, register, sign_in

TOKEN = b"t" * 32


@pytest.fixture
def signed_in(place: Place, store: DurableStore) -> DurableStore:
    register(place.url)
    sign_in(store)
    return store


def spend(store: DurableStore, client_id: str = "client", when=NOW, code_hash: bytes = CODE) -> Grant | None:
    with store.writing() as writer:
        spent = writer.spend_code(code_hash, client_id, when)
    return None if spent is None else spent.grant


def give_tokens(store: DurableStore) -> None:
    with store.writing() as writer:
        writer.insert_access_token(TOKEN, "grant", ("openid",), NOW, LATER)
        writer.insert_refresh_token(TOKEN, "grant", ("openid", "offline_access"), NOW, NOW + 60 * MINUTE)


def test_a_code_is_redeemed_for_the_grant_as_it_was_recorded(signed_in: DurableStore) -> None:
    assert spend(signed_in) == GRANT


def test_a_grant_without_optional_values_comes_back_the_same(place: Place, store: DurableStore) -> None:
    register(place.url)
    bare = replace(GRANT, nonce=None, code_challenge=None, status_time=NOW, amr=(), scope=("openid",))
    sign_in(store, bare)
    assert spend(store) == bare


def test_details_that_were_granted_come_back_the_same(place: Place, store: DurableStore) -> None:
    """RFC 9396 §7."""
    register(place.url)
    detailed = replace(GRANT, authorization_details=AuthorizationDetails('[{"type":"図書館","x":"% ? \'"}]'))
    sign_in(store, detailed)
    assert spend(store) == detailed


def test_a_code_is_redeemed_once(signed_in: DurableStore) -> None:
    assert spend(signed_in) is not None
    assert spend(signed_in) is None


def test_fifty_parallel_redemptions_have_one_success(signed_in: DurableStore) -> None:
    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(lambda _: spend(signed_in), range(50)))
    assert [result for result in results if result is not None] == [GRANT]


def test_a_loser_of_the_race_finds_the_tokens_it_has_to_revoke(signed_in: DurableStore) -> None:
    def redeem(number: int) -> bool:
        with signed_in.writing() as writer:
            if writer.spend_code(CODE, "client", NOW) is not None:
                writer.insert_access_token(bytes([number]) * 32, "grant", ("openid",), NOW, LATER)
                return False
            reused = writer.find_spent_code_grant(CODE, "client")
            assert reused == GRANT
            return writer.revoke_grant("grant", NOW)

    with ThreadPoolExecutor(10) as pool:
        revoked = list(pool.map(redeem, range(10)))
    assert sum(revoked) == 1
    assert all(signed_in.find_access_token(bytes([number]) * 32, NOW) is None for number in range(10))


def test_a_code_lives_until_the_second_before_its_end(signed_in: DurableStore) -> None:
    assert spend(signed_in, when=LATER) is None
    assert spend(signed_in, when=LATER - timedelta(seconds=1)) == GRANT


def test_a_code_is_nothing_to_another_client_and_is_not_spent_by_it(signed_in: DurableStore) -> None:
    assert spend(signed_in, "other") is None
    assert spend(signed_in) == GRANT


def test_an_unknown_code_is_nothing(signed_in: DurableStore) -> None:
    assert spend(signed_in, code_hash=b"x" * 32) is None


def test_a_code_of_a_revoked_grant_is_refused(signed_in: DurableStore) -> None:
    with signed_in.writing() as writer:
        assert writer.revoke_grant("grant", NOW)
        assert not writer.revoke_grant("grant", NOW)
    assert spend(signed_in) is None


def test_a_code_of_a_suspended_account_is_refused_until_it_is_resumed(signed_in: DurableStore) -> None:
    with signed_in.writing() as writer:
        assert writer.set_account_state("account", "suspended", NOW)
    assert spend(signed_in) is None
    with signed_in.writing() as writer:
        assert writer.set_account_state("account", "active", NOW)
    assert spend(signed_in) == GRANT


def test_only_a_spent_code_counts_as_reused_and_only_for_its_client(signed_in: DurableStore) -> None:
    with signed_in.writing() as writer:
        assert writer.find_spent_code_grant(CODE, "client") is None
    spend(signed_in)
    with signed_in.writing() as writer:
        assert writer.find_spent_code_grant(CODE, "client") == GRANT
        assert writer.find_spent_code_grant(CODE, "other") is None


def test_an_access_token_lives_until_its_end(signed_in: DurableStore) -> None:
    give_tokens(signed_in)
    live = signed_in.find_access_token(TOKEN, LATER - timedelta(seconds=1))
    assert live is not None
    assert (live.grant, live.scope, live.expires_at) == (GRANT, ("openid",), LATER)
    assert signed_in.find_access_token(TOKEN, LATER) is None
    assert signed_in.find_access_token(b"x", NOW) is None


@pytest.mark.parametrize("ending", ["revoke_grant", "delete_access_token", "suspend", "revoke_credential", "sign_out"])
def test_an_access_token_ends_with_what_it_hangs_on(signed_in: DurableStore, ending: str) -> None:
    give_tokens(signed_in)
    with signed_in.writing() as writer:
        match ending:
            case "revoke_grant":
                writer.revoke_grant("grant", NOW)
            case "delete_access_token":
                writer.delete_access_token(TOKEN)
            case "suspend":
                writer.set_account_state("account", "suspended", NOW)
            case "revoke_credential":
                writer.revoke_credential("credential", NOW)
            case "sign_out":
                assert writer.end_account_sessions("account", NOW) == 2
    assert signed_in.find_access_token(TOKEN, NOW) is None


def test_the_grant_of_an_access_token_is_found_in_whatever_state_by_its_client(signed_in: DurableStore) -> None:
    give_tokens(signed_in)
    with signed_in.writing() as writer:
        writer.revoke_grant("grant", NOW)
        assert writer.find_access_token_grant(TOKEN, "client") == GRANT
        assert writer.find_access_token_grant(TOKEN, "other") is None


def test_a_refresh_token_is_spent_once(signed_in: DurableStore) -> None:
    give_tokens(signed_in)
    with signed_in.writing() as writer:
        assert writer.spend_refresh_token(TOKEN, "other", NOW) is None
        spent = writer.spend_refresh_token(TOKEN, "client", NOW)
        assert spent is not None
        assert (spent.grant, spent.spent_at, spent.grace_uses, spent.is_grant_live) == (GRANT, NOW, 0, True)
        assert spent.scope == ("openid", "offline_access")
        assert writer.spend_refresh_token(TOKEN, "client", NOW) is None


def test_fifty_parallel_refreshes_have_one_success(signed_in: DurableStore) -> None:
    give_tokens(signed_in)

    def refresh(_: int) -> bool:
        with signed_in.writing() as writer:
            return writer.spend_refresh_token(TOKEN, "client", NOW) is not None

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(refresh, range(50))) == 1


def test_a_refresh_token_is_refused_from_its_end_and_of_an_ended_grant(signed_in: DurableStore) -> None:
    give_tokens(signed_in)
    with signed_in.writing() as writer:
        assert writer.spend_refresh_token(TOKEN, "client", NOW + 60 * MINUTE) is None
        writer.revoke_grant("grant", NOW)
        assert writer.spend_refresh_token(TOKEN, "client", NOW) is None
        stored = writer.find_refresh_token(TOKEN, "client")
        assert stored is not None
        assert not stored.is_grant_live
        assert writer.find_refresh_token(TOKEN, "other") is None


def test_grace_uses_are_counted_up_to_the_limit(signed_in: DurableStore) -> None:
    give_tokens(signed_in)
    with signed_in.writing() as writer:
        assert [writer.count_refresh_grace_use(TOKEN, 2) for _ in range(3)] == [True, True, False]


def test_retiring_spends_what_was_unspent(signed_in: DurableStore) -> None:
    give_tokens(signed_in)
    with signed_in.writing() as writer:
        writer.retire_refresh_tokens("other", NOW)
        writer.retire_refresh_tokens("grant", NOW)
        stored = writer.find_refresh_token(TOKEN, "client")
        assert stored is not None
        assert stored.spent_at == NOW
        assert writer.spend_refresh_token(TOKEN, "client", NOW) is None


def test_a_sign_in_has_one_grant(signed_in: DurableStore) -> None:
    with pytest.raises(AlreadyGranted), signed_in.writing() as writer:
        writer.insert_grant(replace(GRANT, grant_id="second"), b"another code".ljust(32), LATER)


def test_a_lost_code_is_replaced_while_nobody_redeemed_it(signed_in: DurableStore) -> None:
    other = b"another code".ljust(32)
    with signed_in.writing() as writer:
        assert not writer.replace_code(GRANT.txn, other, LATER, GRANT.created_at - MINUTE)
        assert writer.replace_code(GRANT.txn, other, LATER, GRANT.created_at)
        assert not writer.replace_code("unknown", b"x" * 32, LATER, NOW)
    assert spend(signed_in) is None
    assert spend(signed_in, code_hash=other) == GRANT
    with signed_in.writing() as writer:
        assert not writer.replace_code(GRANT.txn, CODE, LATER, GRANT.created_at)


def test_the_very_code_of_a_grant_is_given_again_at_once_until_it_is_spent(signed_in: DurableStore) -> None:
    before = GRANT.created_at - MINUTE
    with signed_in.writing() as writer:
        assert writer.replace_code(GRANT.txn, CODE, LATER, before)
    assert spend(signed_in) == GRANT
    with signed_in.writing() as writer:
        assert not writer.replace_code(GRANT.txn, CODE, LATER, before)


def test_what_is_not_committed_never_happened(signed_in: DurableStore) -> None:
    def fail_late() -> None:
        with signed_in.writing() as writer:
            assert writer.spend_code(CODE, "client", NOW) is not None
            writer.insert_access_token(TOKEN, "grant", ("openid",), NOW, LATER)
            raise KeyError

    with pytest.raises(KeyError):
        fail_late()
    assert signed_in.find_access_token(TOKEN, NOW) is None
    assert spend(signed_in) == GRANT


def test_a_grant_for_a_client_removed_meanwhile_is_a_conflict(signed_in: DurableStore) -> None:
    with pytest.raises(StoreConflict), signed_in.writing() as writer:
        writer.insert_grant(replace(GRANT, grant_id="g2", txn="t2", client_id="gone"), b"x" * 32, LATER)
    assert spend(signed_in) == GRANT


def test_two_grants_cannot_have_one_code(place: Place, signed_in: DurableStore) -> None:
    register(place.url, make_client(client_id="second"))
    with pytest.raises(StoreConflict), signed_in.writing() as writer:
        writer.insert_grant(replace(GRANT, grant_id="g2", txn="t2", client_id="second"), CODE, LATER)


def test_each_hot_step_is_one_statement(place: Place, signed_in: DurableStore) -> None:
    counter = StatementCounter()
    counted = DurableStore(place.open(counter))
    with counted.writing() as writer:
        writer.spend_code(CODE, "client", NOW)
        writer.insert_access_token(TOKEN, "grant", ("openid",), NOW, LATER)
    counted.find_access_token(TOKEN, NOW)
    counted.find_client("client")
    assert (len(counter.statements), counter.write_transactions) == (4, 1)
