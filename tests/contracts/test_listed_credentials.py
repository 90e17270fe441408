"""The contract of ``ops.ports.ListedCredentialStore`` on every engine."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from idp.identity.credential import CredentialState, LookupDigest
from idp.stores.sql.durable import DurableStore, DurableWriter
from tests.contracts.conftest import Place
from tests.contracts.records import CREDENTIAL, DIGEST, LATER, MINUTE, NOW, SESSION, register, sign_in

TOKEN, REFRESH_TOKEN = b"t" * 32, b"r" * 32


@pytest.fixture
def signed_in(place: Place, store: DurableStore) -> DurableStore:
    register(place.url)
    sign_in(store)
    with store.writing() as writer:
        writer.insert_access_token(TOKEN, "grant", ("openid",), NOW, LATER)
        writer.insert_refresh_token(REFRESH_TOKEN, "grant", ("openid",), NOW, NOW + 60 * MINUTE)
    return store


def is_signed_in(store: DurableStore) -> tuple[bool, bool, bool]:
    with store.writing() as writer:
        stored = writer.find_refresh_token(REFRESH_TOKEN, "client")
    return (
        store.find_browser_session(SESSION.session_hash, NOW) is not None,
        store.find_access_token(TOKEN, NOW) is not None,
        stored is not None and stored.is_grant_live,
    )


def test_a_credential_is_found_among_many_digests_of_its_key(signed_in: DurableStore) -> None:
    digests = [number.to_bytes(32, "big") for number in range(100)] + [DIGEST.digest]
    assert signed_in.find_listed_credentials("key-1", digests) == ("credential",)
    assert signed_in.find_listed_credentials("key-2", digests) == ()
    assert signed_in.find_listed_credentials("key-1", [b"x" * 32]) == ()
    assert signed_in.find_listed_credentials("key-1", []) == ()


def test_live_digests_are_told_up_to_a_limit(signed_in: DurableStore) -> None:
    other = replace(CREDENTIAL, credential_id="other", lookup=LookupDigest("key-1", b"o" * 32))
    with signed_in.writing() as writer:
        assert writer.insert_credential(replace(other, state=CredentialState.SUSPENDED), NOW)
    assert signed_in.find_live_digests("key-1", 2) == {DIGEST.digest, b"o" * 32}
    assert signed_in.find_live_digests("key-1", 1) is None
    assert signed_in.find_live_digests("key-2", 0) == frozenset()
    with signed_in.writing() as writer:
        writer.revoke_listed_credentials(["credential"], NOW)
    assert signed_in.find_live_digests("key-1", 2) == {b"o" * 32}


def test_a_revoked_credential_ends_with_all_that_it_opened_and_is_told_once(signed_in: DurableStore) -> None:
    assert is_signed_in(signed_in) == (True, True, True)
    with signed_in.writing() as writer:
        assert writer.revoke_listed_credentials(["credential", "unknown"], NOW) == ("account",)
        assert writer.revoke_listed_credentials(["credential"], NOW) == ()
        assert writer.revoke_listed_credentials([], NOW) == ()
    assert is_signed_in(signed_in) == (False, False, False)
    found = signed_in.find_credential([DIGEST])
    assert found is not None
    assert found.state is CredentialState.REVOKED
    assert signed_in.find_listed_credentials("key-1", [DIGEST.digest]) == ()


def test_sign_ins_of_a_credential_end_and_it_stays_active(signed_in: DurableStore) -> None:
    with signed_in.writing() as writer:
        assert writer.end_credential_sign_ins(["credential"], NOW) == ("account",)
        assert writer.end_credential_sign_ins(["credential"], NOW) == ()
        assert writer.end_credential_sign_ins([], NOW) == ()
    assert is_signed_in(signed_in) == (False, False, False)
    assert signed_in.find_credential([DIGEST]) == CREDENTIAL


def revoke(writer: DurableWriter) -> None:
    writer.revoke_credential("signing", NOW)


def revoke_listed(writer: DurableWriter) -> None:
    assert writer.revoke_listed_credentials(["unknown", "signing"], NOW) == ("account",)


def end_held(writer: DurableWriter) -> None:
    assert writer.end_credential_sign_ins(["signing"], NOW) == ("account",)


def suspend(writer: DurableWriter) -> None:
    assert writer.suspend_credential("signing", NOW)


def send_away(writer: DurableWriter) -> None:
    writer.move_credential("signing", "account", NOW)


@pytest.mark.parametrize("end", [revoke, revoke_listed, end_held, suspend, send_away])
def test_a_grant_ends_with_the_signing_credential_whose_attributes_it_releases(
    end: Callable[[DurableWriter], None], signed_in: DurableStore
) -> None:
    signing = replace(CREDENTIAL, credential_id="signing", lookup=LookupDigest("key-1", b"g" * 32), profile="signing")
    with signed_in.writing() as writer:
        assert writer.insert_credential(signing, NOW)
        writer.insert_sealed_claims("grant", "sealed", "signing")
    assert is_signed_in(signed_in) == (True, True, True)
    with signed_in.writing() as writer:
        end(writer)
    # The person stays signed in: it is what the client was told that does not hold any more.
    assert is_signed_in(signed_in) == (True, False, False)


def test_the_end_of_a_signing_credential_that_a_grant_does_not_rest_on_is_nothing_to_it(
    signed_in: DurableStore,
) -> None:
    signing = replace(CREDENTIAL, credential_id="signing", lookup=LookupDigest("key-1", b"g" * 32), profile="signing")
    with signed_in.writing() as writer:
        assert writer.insert_credential(signing, NOW)
        writer.insert_sealed_claims("grant", "sealed", None)
        writer.revoke_listed_credentials(["signing"], NOW)
        writer.revoke_credential("signing", NOW)
    assert is_signed_in(signed_in) == (True, True, True)
