"""The key ring: signing, verifying our own tokens, rotating without breaking anybody."""

import base64
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwk import JWK, JWKSet
from jwcrypto.jws import JWS

from idp.audit import AuditEvent
from idp.keys.emergency import KeyEmergency
from idp.keys.errors import NoSigningKey, NotOurToken
from idp.keys.jws_registry import SIGNING_ALGORITHMS
from idp.keys.key_encryption import KeyEncryption
from idp.keys.ports import StoredSigningKey
from idp.keys.rotation import KeyRotation, RotationPace
from idp.keys.sealing import Sealer
from idp.keys.signer import KeyRing
from idp.outage import StoreUnavailable
from tests.unit.keys.memory_signing_keys import MemorySigningKeys

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
CLAIMS = {"iss": "https://idp.example", "sub": "s", "name": "佐藤", "exp": 1}


class Worker:
    """One process: its clock can be moved, its store is shared."""

    def __init__(self, store: MemorySigningKeys, announce_seconds: int = 100, retire_seconds: int = 1000) -> None:
        self.now = START
        encryption = KeyEncryption(Sealer(bytes(range(32))))
        self.ring = KeyRing(store, encryption, lambda: self.now, refresh_seconds=10)
        pace = RotationPace(None, *(timedelta(seconds=value) for value in (announce_seconds, retire_seconds, 10)))
        self.rotation = KeyRotation(store, encryption, pace, self.ring.forget_set)
        self.emergency = KeyEmergency(store, encryption, self.ring.forget_set)

    def at(self, seconds: int) -> "Worker":
        self.now = START + timedelta(seconds=seconds)
        return self

    def kid(self, alg: str = "ES256") -> str:
        return str(read_header(self.ring.sign(CLAIMS, alg))["kid"])


def read_header(token: str) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    return header


@pytest.fixture
def store() -> MemorySigningKeys:
    return MemorySigningKeys()


@pytest.fixture
def worker(store: MemorySigningKeys) -> Worker:
    worker = Worker(store)
    worker.rotation.ensure_keys(("ES256", "RS256"), START)
    return worker


@pytest.mark.parametrize("alg", SIGNING_ALGORITHMS)
def test_another_implementation_verifies_our_tokens_with_our_jwks(worker: Worker, alg: str) -> None:
    worker.rotation.ensure_keys([alg], START)
    token = worker.ring.sign(CLAIMS, alg)
    published = JWKSet.from_json(worker.ring.public_jwks().decode("ascii"))
    read = JWS()
    read.allowed_algs = [alg]
    read.deserialize(token, published.get_key(read_header(token)["kid"]), alg=alg)
    assert json.loads(read.payload) == CLAIMS
    assert read_header(token) == {"typ": "JWT", "alg": alg, "kid": worker.kid(alg)}
    assert worker.ring.verify_own(token) == CLAIMS


def test_other_kinds_of_token_name_their_type(worker: Worker) -> None:
    assert read_header(worker.ring.sign(CLAIMS, "ES256", typ="logout+jwt"))["typ"] == "logout+jwt"


def test_the_jwk_set_has_no_private_member(worker: Worker) -> None:
    for key in json.loads(worker.ring.public_jwks())["keys"]:
        assert {"d", "p", "q", "dp", "dq", "qi", "k"}.isdisjoint(key)


@pytest.mark.parametrize("alg", ["none", "HS256", "PS256", "ES384"])
def test_no_other_algorithm_signs(worker: Worker, alg: str) -> None:
    """F27."""
    with pytest.raises(NoSigningKey):
        worker.ring.sign(CLAIMS, alg)


def test_the_first_keys_are_made_once_and_sign_at_once(worker: Worker, store: MemorySigningKeys) -> None:
    assert worker.rotation.ensure_keys(("ES256", "RS256"), START) == ()
    assert len(store.keys) == 2
    assert [record.event for record in store.audit] == [AuditEvent.SIGNING_KEY_ROTATED] * 2


def test_what_is_signed_as_one_kind_of_token_is_not_taken_for_another(worker: Worker) -> None:
    """RFC 8725 §3.11."""
    access_token, id_token = worker.ring.sign(CLAIMS, "ES256", "at+jwt"), worker.ring.sign(CLAIMS, "ES256")
    assert worker.ring.verify_own(access_token, "at+jwt") == worker.ring.verify_own(id_token) == CLAIMS
    for call in (lambda: worker.ring.verify_own(access_token), lambda: worker.ring.verify_own(id_token, "at+jwt")):
        with pytest.raises(NotOurToken):
            call()


def test_two_processes_that_both_make_the_first_key_verify_each_others_tokens(store: MemorySigningKeys) -> None:
    one, two = Worker(store), Worker(store)
    one.rotation.ensure_keys(["ES256"], START)
    early = one.ring.sign(CLAIMS, "ES256")
    # The second process had looked before the first one wrote.
    store_seen_empty = MemorySigningKeys()
    store_seen_empty.rotate_signing_key = store.rotate_signing_key  # type: ignore[method-assign]  # sees nothing, writes here
    Worker(store_seen_empty).rotation.ensure_keys(["ES256"], START)
    late = two.ring.sign(CLAIMS, "ES256")
    one.at(10)
    assert one.ring.verify_own(late) == two.ring.verify_own(early) == CLAIMS


def test_a_rotated_key_is_announced_signs_and_is_withdrawn_at_their_times(
    worker: Worker, store: MemorySigningKeys
) -> None:
    old = worker.kid()
    new = worker.rotation.rotate("ES256", START).kid
    published = {key["kid"] for key in json.loads(worker.ring.public_jwks())["keys"]}
    assert {old, new} < published
    before = worker.ring.sign(CLAIMS, "ES256")
    assert worker.at(99).kid() == old
    assert worker.at(100).kid() == new
    assert worker.at(1099).ring.verify_own(before) == CLAIMS
    with pytest.raises(NotOurToken):
        worker.at(1100).ring.verify_own(before)
    assert old not in worker.at(1110).ring.public_jwks().decode("ascii")


def test_a_rotation_leaves_the_other_algorithm_alone(worker: Worker) -> None:
    kid = worker.kid("RS256")
    worker.rotation.rotate("ES256", START)
    assert worker.at(500).kid("RS256") == kid


def test_a_rotation_elsewhere_reaches_every_worker_before_the_new_key_signs(store: MemorySigningKeys) -> None:
    here, there = Worker(store, announce_seconds=0), Worker(store)
    here.rotation.ensure_keys(["ES256"], START)
    old = there.kid()
    new = here.rotation.rotate("ES256", START).kid
    assert here.at(9).kid() == there.at(9).kid() == old
    assert here.at(10).kid() == there.at(10).kid() == new
    assert there.ring.verify_own(here.ring.sign(CLAIMS, "ES256")) == CLAIMS


def test_a_second_rotation_during_the_first_leaves_no_moment_without_a_key(worker: Worker) -> None:
    first = worker.kid()
    second = worker.rotation.rotate("ES256", START).kid
    third = worker.rotation.rotate("ES256", START + timedelta(seconds=50)).kid
    signing = [worker.at(seconds).kid() for seconds in (60, 99, 100, 149, 150, 5000)]
    assert signing == [first, first, second, second, third, third]


def test_a_rotation_may_be_announced_for_another_time(worker: Worker) -> None:
    new = worker.rotation.rotate("ES256", START, announce_seconds=30).kid
    assert worker.at(29).kid() != new
    assert worker.at(30).kid() == new


def test_the_first_rotation_of_an_algorithm_without_a_key_signs_at_once(store: MemorySigningKeys) -> None:
    worker = Worker(store)
    assert worker.rotation.rotate("ES256", START).kid == worker.kid()


def test_a_compromised_key_verifies_nothing_any_more(worker: Worker) -> None:
    forged = worker.ring.sign(CLAIMS, "ES256")
    old = worker.kid()
    assert worker.emergency.replace_all("ES256", START).successor == worker.kid()
    with pytest.raises(NotOurToken):
        worker.ring.verify_own(forged)
    assert old not in worker.ring.public_jwks().decode("ascii")


def test_a_compromised_key_goes_although_its_rotation_was_announced(worker: Worker) -> None:
    old = worker.kid()
    announced = worker.rotation.rotate("ES256", START).kid
    new = worker.emergency.replace_all("ES256", START).successor
    published = worker.ring.public_jwks().decode("ascii")
    assert old not in published
    assert announced not in published
    assert worker.at(500).kid() == new


def test_the_store_is_read_once_in_the_stated_time_and_keys_are_loaded_once(
    worker: Worker, store: MemorySigningKeys
) -> None:
    worker.kid()
    reads = store.reads
    for seconds in range(10):
        worker.at(seconds).kid()
    assert store.reads == reads
    worker.at(10).kid()
    assert store.reads == reads + 1


def test_a_key_is_not_decrypted_again_when_the_set_is_read_again(worker: Worker, store: MemorySigningKeys) -> None:
    kid = worker.kid("RS256")
    # RSA keys cost 40 ms to load; one that is known must not need its encrypted form again.
    store.keys = [
        StoredSigningKey(
            key.kid,
            key.alg,
            b"gone",
            key.public_jwk,
            key.created_at,
            key.signs_from,
            key.signs_until,
            key.published_until,
        )
        for key in store.keys
    ]
    assert worker.at(60).kid("RS256") == kid


def test_a_clock_that_was_set_back_reads_the_store_again(worker: Worker, store: MemorySigningKeys) -> None:
    worker.at(100).kid()
    reads = store.reads
    worker.at(50).kid()
    assert store.reads == reads + 1


def test_threads_that_start_together_read_the_store_once(worker: Worker, store: MemorySigningKeys) -> None:
    fresh = Worker(store)
    slow_find = store.find_signing_keys

    def find_slowly(now: datetime) -> tuple[StoredSigningKey, ...]:
        time.sleep(0.05)
        return slow_find(now)

    store.find_signing_keys = find_slowly  # type: ignore[method-assign]  # a slow database
    reads = store.reads
    threads = [threading.Thread(target=fresh.kid) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.reads == reads + 1


def test_while_one_thread_reads_the_others_sign_with_the_set_they_have(
    worker: Worker, store: MemorySigningKeys
) -> None:
    worker.kid()
    entered, go_on = threading.Event(), threading.Event()
    find = store.find_signing_keys

    def find_held_up(now: datetime) -> tuple[StoredSigningKey, ...]:
        entered.set()
        assert go_on.wait(5)
        return find(now)

    store.find_signing_keys = find_held_up  # type: ignore[method-assign]  # a database that does not answer
    worker.at(20)
    reader = threading.Thread(target=worker.kid)
    reader.start()
    assert entered.wait(5)
    assert worker.kid()
    go_on.set()
    reader.join()


def test_an_outage_of_the_store_is_bridged_for_five_minutes(worker: Worker, store: MemorySigningKeys) -> None:
    kid = worker.kid()
    find = store.find_signing_keys

    def fail(now: datetime) -> tuple[StoredSigningKey, ...]:
        raise StoreUnavailable("down")

    store.find_signing_keys = fail  # type: ignore[method-assign]  # a database that is down
    assert worker.at(299).kid() == kid
    with pytest.raises(StoreUnavailable):
        worker.at(300).kid()
    store.find_signing_keys = find  # type: ignore[method-assign]  # and up again
    assert worker.at(301).kid() == kid


def test_a_store_that_was_never_reached_is_an_outage(store: MemorySigningKeys) -> None:
    def fail(now: datetime) -> tuple[StoredSigningKey, ...]:
        raise StoreUnavailable("down")

    store.find_signing_keys = fail  # type: ignore[method-assign]  # a database that is down
    with pytest.raises(StoreUnavailable):
        Worker(store).kid()


@pytest.mark.parametrize("typ", [7, None, ["JWT"], {"JWT": 1}])
def test_a_header_member_that_is_no_text_is_refused(worker: Worker, typ: Any) -> None:
    header, payload, signature = worker.ring.sign(CLAIMS, "ES256").split(".")
    forged = {**read_header(f"{header}.."), "typ": typ}
    with pytest.raises(NotOurToken):
        worker.ring.verify_own(".".join((encode(json.dumps(forged)), payload, signature)))


def test_an_expired_token_is_still_ours(worker: Worker) -> None:
    assert worker.ring.verify_own(worker.ring.sign({"exp": 1}, "ES256")) == {"exp": 1}


def forge(worker: Worker, header: dict[str, Any], key: JWK, payload: bytes = b"{}") -> str:
    token = JWS(payload)
    token.allowed_algs = ["ES256", "RS256", "HS256", "ES384"]
    token.add_signature(key, None, json.dumps(header))
    return str(token.serialize(compact=True))


def test_a_token_signed_with_our_public_key_as_a_shared_secret_is_refused(worker: Worker) -> None:
    """F27."""
    kid = worker.kid("RS256")
    secret = base64.urlsafe_b64encode(worker.ring.public_jwks()).decode("ascii")
    token = forge(worker, {"typ": "JWT", "alg": "HS256", "kid": kid}, JWK(kty="oct", k=secret))
    with pytest.raises(NotOurToken):
        worker.ring.verify_own(token)


def test_a_token_of_a_stranger_under_our_kid_or_with_its_own_key_is_refused(worker: Worker) -> None:
    stranger = JWK.generate(kty="EC", crv="P-256")
    public = stranger.export_public(as_dict=True)
    for header in (
        {"typ": "JWT", "alg": "ES256", "kid": worker.kid()},
        {"alg": "ES256", "kid": worker.kid()},
        {"typ": "JWT", "alg": "ES256", "kid": stranger.thumbprint()},
        {"alg": "ES256", "kid": stranger.thumbprint(), "jwk": public},
        {"alg": "ES256", "kid": worker.kid(), "jwk": public},
        {"alg": "ES256"},
    ):
        with pytest.raises(NotOurToken):
            worker.ring.verify_own(forge(worker, header, stranger))


def test_the_key_and_not_the_header_fixes_the_algorithm(worker: Worker) -> None:
    """F27."""
    token = forge(
        worker, {"typ": "JWT", "alg": "RS256", "kid": worker.kid("ES256")}, JWK.generate(kty="RSA", size=2048)
    )
    with pytest.raises(NotOurToken):
        worker.ring.verify_own(token)


@pytest.mark.parametrize("payload", ["[]", "1", '"text"', "null"])
def test_a_payload_that_is_no_object_is_refused(worker: Worker, payload: str) -> None:
    token = worker.ring.sign(json.loads(payload), "ES256")
    with pytest.raises(NotOurToken):
        worker.ring.verify_own(token)


def encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode("utf-8")).rstrip(b"=").decode("ascii")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
headers = st.one_of(
    json_values,
    st.fixed_dictionaries(
        {},
        optional={
            "alg": st.sampled_from(["ES256", "RS256", "none", "HS256", "dir"]) | json_values,
            "kid": json_values,
            "b64": json_values,
            "crit": json_values,
            "enc": json_values,
            "jwk": json_values,
        },
    ),
)
WORKER = Worker(MemorySigningKeys())
RING = WORKER.ring
WORKER.rotation.ensure_keys(["ES256"], START)
KID = RING.list_keys()[0].kid


@given(headers, st.text(max_size=20), st.booleans())
def test_no_token_from_outside_raises_anything_else(header: Any, payload: str, names_our_key: bool) -> None:
    if names_our_key and isinstance(header, dict):
        header = {"typ": "JWT", "alg": "ES256", **header, "kid": KID}
    token = ".".join((encode(json.dumps(header)), encode(payload), encode("signature")))
    with pytest.raises(NotOurToken):
        RING.verify_own(token)


@given(st.text(max_size=120))
def test_no_text_from_outside_raises_anything_else(text: str) -> None:
    with pytest.raises(NotOurToken):
        RING.verify_own(text)


@pytest.mark.parametrize("token", ["[" * 16_000, encode("[" * 12_000) + "..", "A" * 16_385, "..", ""])
def test_a_token_made_to_exhaust_us_is_refused(token: str) -> None:
    with pytest.raises(NotOurToken):
        RING.verify_own(token)
