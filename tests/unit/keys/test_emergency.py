"""Revoking keys: at once, and never without a key that signs."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from idp.audit import AuditEvent
from idp.keys.emergency import KeyEmergency
from idp.keys.errors import NoSuchKey, NotOurToken
from idp.keys.key_calendar import write_calendar
from idp.keys.key_encryption import KeyEncryption
from idp.keys.rotation import KeyRotation, RotationPace
from idp.keys.sealing import Sealer
from idp.keys.signer import KeyRing
from tests.unit.keys.memory_signing_keys import MemorySigningKeys

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PACE = RotationPace(None, 1000 * SECOND, 5000 * SECOND)


class Provider:
    """One node with one key in ES256."""

    def __init__(self) -> None:
        self.now = START
        self.store = MemorySigningKeys()
        encryption = KeyEncryption(Sealer(bytes(range(32))))
        self.ring = KeyRing(self.store, encryption, lambda: self.now)
        self.rotation = KeyRotation(self.store, encryption, PACE, self.ring.forget_set)
        self.emergency = KeyEmergency(self.store, encryption, self.ring.forget_set)
        [self.first] = self.rotation.ensure_keys(["ES256"], START)

    def published(self) -> set[str]:
        return {key["kid"] for key in json.loads(self.ring.public_jwks())["keys"]}

    def signing_kid(self, after: int = 0) -> str:
        self.now = START + after * SECOND
        return self.ring._get_set(self.now).get_signing_key("ES256", self.now).kid


@pytest.fixture
def provider() -> Provider:
    return Provider()


def test_the_only_key_is_replaced_by_a_new_one_at_once(provider: Provider) -> None:
    forged = provider.ring.sign({"sub": "s"}, "ES256")
    revocation = provider.emergency.revoke(provider.first.kid, START)
    assert revocation.revoked == (provider.first.kid,)
    assert provider.signing_kid() == revocation.successor
    assert provider.published() == {revocation.successor}
    with pytest.raises(NotOurToken):
        provider.ring.verify_own(forged)


def test_an_announced_successor_takes_over_because_clients_know_it(provider: Provider) -> None:
    announced = provider.rotation.rotate("ES256", START)
    provider.now = START + SECOND
    assert provider.emergency.revoke(provider.first.kid, provider.now).successor == announced.kid
    assert provider.signing_kid(1) == announced.kid
    assert provider.published() == {announced.kid}


def test_a_revoked_announced_key_is_replaced_where_it_was_to_begin(provider: Provider) -> None:
    announced = provider.rotation.rotate("ES256", START)
    assert provider.emergency.revoke(announced.kid, START).successor is None
    assert provider.signing_kid(999) == provider.first.kid
    assert provider.signing_kid(1000) not in (provider.first.kid, announced.kid)
    assert provider.signing_kid(100_000) not in (provider.first.kid, announced.kid)


def test_a_revoked_retired_key_changes_nothing_else(provider: Provider) -> None:
    second = provider.rotation.rotate("ES256", START)
    provider.now = START + 2000 * SECOND
    revocation = provider.emergency.revoke(provider.first.kid, provider.now)
    assert revocation.successor is None
    assert provider.published() == {second.kid}
    assert len(provider.store.keys) == 2


def test_of_a_row_of_announced_keys_one_may_go(provider: Provider) -> None:
    second = provider.rotation.rotate("ES256", START)
    third = provider.rotation.rotate("ES256", START + 500 * SECOND)
    provider.now = START + 500 * SECOND
    provider.emergency.revoke(provider.first.kid, provider.now)
    assert [provider.signing_kid(at) for at in (500, 1499, 1500)] == [second.kid, second.kid, third.kid]


def test_all_keys_of_an_algorithm_go_the_announced_and_the_retired_too(provider: Provider) -> None:
    second = provider.rotation.rotate("ES256", START)
    provider.now = START + 2000 * SECOND
    third = provider.rotation.rotate("ES256", provider.now)
    revocation = provider.emergency.replace_all("ES256", provider.now)
    assert set(revocation.revoked) == {provider.first.kid, second.kid, third.kid}
    assert provider.published() == {revocation.successor}
    assert provider.signing_kid(2000) == revocation.successor


def test_nothing_is_left_of_a_revoked_key_but_its_name(provider: Provider) -> None:
    provider.emergency.revoke(provider.first.kid, START)
    [revoked] = [key for key in provider.store.keys if key.revoked_at is not None]
    assert revoked.encrypted_private_jwk == b""
    calendar = write_calendar(provider.ring.list_keys(), PACE, "https://idp.example", START)
    assert calendar["revoked"] == [{"kid": provider.first.kid, "alg": "ES256", "revoked_at": "2026-11-22T03:00:00Z"}]
    assert provider.first.kid not in json.dumps(calendar["keys"])


def test_every_revocation_is_audited_with_its_kid(provider: Provider) -> None:
    provider.emergency.revoke(provider.first.kid, START)
    record = provider.store.audit[-1]
    assert (record.event, record.outcome) == (AuditEvent.SIGNING_KEY_REVOKED, f"ES256 {provider.first.kid}")


def test_a_key_that_is_not_published_cannot_be_revoked(provider: Provider) -> None:
    provider.emergency.revoke(provider.first.kid, START)
    for kid in (provider.first.kid, "unknown"):
        with pytest.raises(NoSuchKey):
            provider.emergency.revoke(kid, START)


def test_the_schedule_goes_on_from_the_new_key(provider: Provider) -> None:
    revocation = provider.emergency.revoke(provider.first.kid, START)
    [present] = [key.kid for key in provider.store.keys if key.signs_until is None]
    assert present == revocation.successor
    assert provider.rotation.ensure_keys(["ES256"], START) == ()
