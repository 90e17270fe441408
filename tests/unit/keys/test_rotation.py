"""The schedule of keys: announced long enough, followed without a gap, destroyed when done."""

import base64
import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest

from idp.audit import AuditEvent
from idp.keys.errors import NotOurToken
from idp.keys.key_calendar import JWKS_CACHE_SECONDS, write_calendar
from idp.keys.key_encryption import KeyEncryption
from idp.keys.rotation import KeyRotation, RotationOutcome, RotationPace
from idp.keys.sealing import Sealer
from idp.keys.signer import KeyRing
from idp.settings.card_section import KeysSection
from tests.unit.keys.memory_signing_keys import MemorySigningKeys

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ENCRYPTION = KeyEncryption(Sealer(bytes(range(32))))
PACE = RotationPace(period=90 * DAY, announce=DAY, retire=30 * DAY)
ALGORITHMS = ("ES256",)


class Node:
    """One node with a key in ES256 since ``START``."""

    def __init__(self, store: MemorySigningKeys | None = None, pace: RotationPace = PACE) -> None:
        self.now = START
        self.store = store or MemorySigningKeys()
        self.ring = KeyRing(self.store, ENCRYPTION, lambda: self.now)
        self.rotation = KeyRotation(self.store, ENCRYPTION, pace, self.ring.forget_set)
        self.rotation.ensure_keys(ALGORITHMS, START)

    def run(self, after: timedelta) -> RotationOutcome:
        self.now = START + after
        return self.rotation.run_schedule(self.now, ALGORITHMS)

    def kid(self, after: timedelta) -> str:
        self.now = START + after
        head = self.ring.sign({}, "ES256").partition(".")[0]
        return str(json.loads(base64.urlsafe_b64decode(head + "=="))["kid"])


def test_a_successor_is_announced_a_day_before_the_period_ends_and_not_earlier() -> None:
    node = Node()
    assert node.run(89 * DAY - timedelta(seconds=1)) == RotationOutcome((), ())
    [announced] = node.run(89 * DAY).announced
    assert announced.signs_from == START + 90 * DAY
    assert node.run(89 * DAY + timedelta(seconds=1)) == RotationOutcome((), ())


def test_a_new_key_is_published_for_longer_than_clients_keep_the_jwk_set_before_it_signs() -> None:
    """Provider checklist 2a.6."""
    node = Node()
    old = node.kid(timedelta(0))
    [announced] = node.run(89 * DAY).announced
    assert announced.signs_from - announced.created_at > timedelta(seconds=JWKS_CACHE_SECONDS)
    assert node.kid(90 * DAY - timedelta(seconds=1)) == old
    assert node.kid(90 * DAY) == announced.kid


def test_a_schedule_that_was_late_announces_as_long_as_ever() -> None:
    node = Node()
    old = node.kid(timedelta(0))
    [announced] = node.run(200 * DAY).announced
    assert announced.signs_from == START + 201 * DAY
    assert node.kid(201 * DAY - timedelta(seconds=1)) == old


def test_without_a_period_only_the_operator_rotates() -> None:
    node = Node(pace=RotationPace(period=None, announce=DAY, retire=30 * DAY))
    assert node.run(3650 * DAY).announced == ()


def test_of_two_nodes_that_find_the_same_key_due_one_announces() -> None:
    one = Node()
    seen = one.store.find_signing_keys(START)
    other = Node(one.store)
    other.rotation._store = behind = MemorySigningKeys()
    behind.find_signing_keys = lambda now: seen  # type: ignore[method-assign]  # it has read before the other wrote
    behind.succeed_signing_key = one.store.succeed_signing_key  # type: ignore[method-assign]  # and writes here
    assert len(one.run(89 * DAY).announced) == 1
    assert other.run(89 * DAY).announced == ()
    assert len(one.store.keys) == 2


def test_an_id_token_verifies_as_a_hint_until_its_key_is_published_no_more() -> None:
    """OIDC Core §3.1.2.1, id_token_hint."""
    node = Node()
    token = node.ring.sign({"sub": "s"}, "ES256")
    node.run(89 * DAY)
    node.now = START + 120 * DAY - timedelta(seconds=1)
    assert node.ring.verify_own(token) == {"sub": "s"}
    node.now = START + 120 * DAY
    with pytest.raises(NotOurToken):
        node.ring.verify_own(token)


def test_the_private_half_is_destroyed_when_the_key_retires_and_what_it_signed_still_verifies() -> None:
    node = Node()
    [old] = node.store.keys
    token = node.ring.sign({"sub": "s"}, "ES256")
    node.run(89 * DAY)
    assert node.run(90 * DAY).erased == (old.kid,)
    erased = next(key for key in node.store.keys if key.kid == old.kid)
    assert "d" not in json.loads(ENCRYPTION.decrypt_private_jwk(old.kid, "ES256", erased.encrypted_private_jwk))
    assert node.ring.verify_own(token) == {"sub": "s"}
    assert not node.ring._loaded[old.kid].key.is_private
    assert node.run(91 * DAY) == RotationOutcome((), ())
    assert [record.event for record in node.store.audit][-1] is AuditEvent.SIGNING_KEY_ERASED


def test_a_node_that_starts_later_publishes_an_erased_key_too() -> None:
    node = Node()
    token = node.ring.sign({"sub": "s"}, "ES256")
    node.run(89 * DAY)
    node.run(90 * DAY)
    fresh = KeyRing(node.store, ENCRYPTION, lambda: START + 91 * DAY)
    assert fresh.verify_own(token) == {"sub": "s"}
    assert len(json.loads(fresh.public_jwks())["keys"]) == 2


def test_a_key_of_an_algorithm_of_a_newer_version_disturbs_nobody() -> None:
    node = Node()
    node.store.keys.append(dataclasses.replace(node.store.keys[0], kid="newer", alg="ML-DSA-65"))
    node.now = START + DAY
    assert len(json.loads(node.ring.public_jwks())["keys"]) == 1
    assert node.ring.sign({}, "ES256")


def test_the_calendar_tells_what_the_jwk_set_holds_and_when_it_changes() -> None:
    node = Node()
    old = node.kid(timedelta(0))
    [new] = node.run(89 * DAY).announced
    calendar = write_calendar(node.ring.list_keys(), PACE, "https://idp.example", node.now)
    assert [key["kid"] for key in calendar["keys"]] == [new.kid, old]
    assert calendar["keys"][1] == {
        "kid": old,
        "alg": "ES256",
        "use": "sig",
        "published_from": "2026-11-22T03:00:00Z",
        "signs_from": "2026-11-22T03:00:00Z",
        "signs_until": "2027-02-20T03:00:00Z",
        "published_until": "2027-03-22T03:00:00Z",
        "successor_signs_from": None,
    }
    assert calendar["keys"][0]["successor_signs_from"] == "2027-05-21T03:00:00Z"
    assert "encrypted" not in json.dumps(calendar)


def test_the_shortest_announcement_that_settings_allow_outlasts_every_cache() -> None:
    shortest = KeysSection(announce_seconds=900)
    assert shortest.announce_seconds > JWKS_CACHE_SECONDS + PACE.refresh.total_seconds()
