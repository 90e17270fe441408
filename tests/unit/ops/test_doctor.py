"""The doctor finds each thing that would keep people from signing in, and says what to do."""

import hashlib
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from idp.identity.lookup_keys import LookupKey, LookupKeys, make_canary
from idp.jpki.crl import verify_crl
from idp.jpki.crl_index import index_path, write_index
from idp.jpki.crl_partition import parse_distribution_point, partition_id
from idp.jpki.trust_anchors import TrustAnchors
from idp.keys.jwe_algorithms import ALL_ALGORITHMS, ENCRYPTION_ALGORITHMS
from idp.keys.jws_registry import SIGNING_ALGORITHMS
from idp.keys.key_encryption import KeyEncryption
from idp.keys.rotation import KeyRotation, RotationPace
from idp.keys.sealing import Sealer
from idp.keys.signer import KeyRing
from idp.ops.doctor import Patient, examine, examine_readiness
from idp.ops.health_answer import HealthAnswer, HealthState, sum_up
from idp.ops.health_machine import read_free_bytes
from idp.outage import StoreUnavailable
from idp.sandbox.pki import SandboxPki, create_sandbox_pki
from idp.settings.card_section import JpkiSection, KeysSection
from idp.settings.settings import Settings
from tests.unit.identity.memory_identity import MemoryCanaries
from tests.unit.keys.memory_signing_keys import MemorySigningKeys

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LOOKUP_KEYS = LookupKeys((LookupKey("2026", hashlib.sha256(b"key").digest()),))
OK, WARN, FAIL = HealthState.OK, HealthState.WARN, HealthState.FAIL


class NoDeadLogouts:
    """Every client took every logout."""

    def count_dead_logouts(self) -> dict[str, int]:
        return {}


class Database:
    """Facts about a database, as a test wants them."""

    def __init__(self) -> None:
        self.revision: str | None = "0003"
        self.installation: tuple[str, str] | None = ("sandbox", "http://localhost:8000")
        self.clock = NOW
        self.is_up = True

    def find_revision(self) -> str | None:
        if not self.is_up:
            raise StoreUnavailable("SQLite: SQLITE_CANTOPEN")
        return self.revision

    def get_expected_revision(self) -> str:
        return "0003"

    def find_installation(self) -> tuple[str, str] | None:
        return self.installation

    def read_clock(self) -> datetime:
        return self.clock


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> SandboxPki:
    return create_sandbox_pki(tmp_path_factory.mktemp("pki"), NOW)


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def store() -> MemorySigningKeys:
    return MemorySigningKeys()


@pytest.fixture
def patient(pki: SandboxPki, database: Database, store: MemorySigningKeys, tmp_path: Path) -> Patient:
    settings = Settings.model_validate(
        {
            "environment": "sandbox",
            "issuer": "http://localhost:8000",
            "jpki": {"crl_index_directory": str(tmp_path)},
            "stores": {"database": f"sqlite:///{tmp_path}/idp.sqlite3", "transient": f"sqlite:///{tmp_path}/t.sqlite3"},
        }
    )
    canaries = MemoryCanaries({"2026": 5})
    canaries.canaries["2026"] = make_canary(LOOKUP_KEYS.keys[0])
    ring = make_ring(store)
    make_rotation(store, ring).ensure_keys(ALL_ALGORITHMS, NOW)
    publish_lists(pki, tmp_path, NOW)
    anchors, logouts = pki.anchors(), NoDeadLogouts()
    return Patient(settings, database, ring, LOOKUP_KEYS, canaries, anchors, logouts, free_bytes=lambda _: 1 << 40)


def make_ring(store: MemorySigningKeys, key: bytes = bytes(range(32))) -> KeyRing:
    return KeyRing(store, KeyEncryption(Sealer(key)), lambda: NOW)


def make_rotation(store: MemorySigningKeys, ring: KeyRing) -> KeyRotation:
    encryption = KeyEncryption(Sealer(bytes(range(32))))
    return KeyRotation(store, encryption, RotationPace.of(KeysSection()), ring.forget_set)


def publish_lists(pki: SandboxPki, directory: Path, at: datetime) -> None:
    lists = pki.publish_crls(at)
    for anchor in pki.anchors().anchors:
        crl = verify_crl(lists[anchor.issuer_key_id], anchor, at)
        write_index(index_path(directory, anchor.issuer_key_id), crl)


def states(patient: Patient, now: datetime = NOW) -> dict[str, HealthState]:
    return {answer.key: answer.state for answer in examine(patient, now)}


def text_of(patient: Patient, key: str, now: datetime = NOW) -> str:
    return next(answer.text for answer in examine(patient, now) if answer.key == key)


def test_a_healthy_installation_has_no_complaint(patient: Patient) -> None:
    answers = examine(patient, NOW)
    assert sum_up(answers) is OK, answers
    assert {answer.key for answer in answers} >= {
        "settings",
        "database.schema",
        "database.installation",
        "keys.signing.es256",
        "keys.signing.rs256",
        "clock.skew",
        "identity.lookup_keys",
        "trust.user-authentication",
        "trust.digital-signature",
        "revocation.user-authentication-2",
        "disk.database",
        "logout.dead",
    }


def test_readiness_asks_what_this_process_needs_and_nothing_slow(patient: Patient) -> None:
    keys = {answer.key for answer in examine_readiness(patient, NOW)}
    signing = {f"keys.signing.{alg.lower()}" for alg in SIGNING_ALGORITHMS}
    encryption = {f"keys.encryption.{alg.lower()}" for alg in ENCRYPTION_ALGORITHMS}
    assert keys == {"database.schema", "database.installation"} | signing | encryption


@pytest.mark.parametrize(
    ("revision", "state", "advice"),
    [(None, FAIL, "idp db migrate"), ("0002", FAIL, "idp db migrate"), ("0004", WARN, "newer")],
)
def test_a_schema_of_another_version_is_told(
    patient: Patient, database: Database, revision: str | None, state: HealthState, advice: str
) -> None:
    database.revision = revision
    assert states(patient)["database.schema"] is state
    assert advice in text_of(patient, "database.schema")


@pytest.mark.parametrize("installation", [None, ("production", "https://idp.example")])
def test_the_database_of_another_installation_is_told(
    patient: Patient, database: Database, installation: tuple[str, str] | None
) -> None:
    database.installation = installation
    assert states(patient)["database.installation"] is FAIL


def test_a_database_that_is_down_is_an_answer_and_the_other_questions_are_asked(
    patient: Patient, database: Database
) -> None:
    database.is_up = False
    found = states(patient)
    assert found["database.schema"] is FAIL
    assert found["trust.user-authentication"] is OK


@pytest.mark.parametrize(("seconds", "state"), [(0, OK), (4, OK), (-5, WARN), (29, WARN), (-30, FAIL), (3600, FAIL)])
def test_clock_skew_is_judged_by_what_it_breaks(
    patient: Patient, database: Database, seconds: int, state: HealthState
) -> None:
    database.clock = NOW + timedelta(seconds=seconds)
    assert states(patient)["clock.skew"] is state


def test_no_signing_key_is_told(patient: Patient) -> None:
    assert states(replace(patient, key_ring=make_ring(MemorySigningKeys())))["keys.signing.es256"] is FAIL


def test_a_wrong_key_encryption_key_is_told(patient: Patient, store: MemorySigningKeys) -> None:
    wrong = make_ring(store, key=bytes(range(1, 33)))
    assert states(replace(patient, key_ring=wrong))["keys.signing"] is FAIL


def test_an_old_signing_key_and_the_next_one_are_told(patient: Patient, store: MemorySigningKeys) -> None:
    new = make_rotation(store, patient.key_ring).rotate("ES256", NOW)
    assert states(patient)["keys.signing.es256"] is OK
    assert new.kid in text_of(patient, "keys.signing.es256")


def test_a_schedule_of_keys_that_does_not_run_is_told(patient: Patient) -> None:
    soon = NOW + timedelta(days=89, hours=12)
    assert states(patient, soon)["keys.signing.es256"] is OK
    assert states(patient, soon + timedelta(seconds=1))["keys.signing.es256"] is WARN
    assert states(patient, soon + timedelta(seconds=1))["keys.encryption.rsa-oaep-256"] is WARN


def test_where_the_operator_rotates_a_year_is_too_long(patient: Patient) -> None:
    by_hand = patient.settings.model_copy(update={"keys": KeysSection(rotation_seconds=0)})
    unscheduled = replace(patient, settings=by_hand)
    assert states(unscheduled, NOW + timedelta(days=365))["keys.signing.es256"] is OK
    assert "idp key rotate" in text_of(unscheduled, "keys.signing.es256", NOW + timedelta(days=366))


def test_a_swapped_lookup_key_is_told(patient: Patient) -> None:
    swapped = LookupKeys((LookupKey("2026", hashlib.sha256(b"other").digest()),))
    assert states(replace(patient, lookup_keys=swapped))["identity.lookup_keys"] is FAIL


def test_a_lookup_key_that_was_never_used_is_named_and_not_recorded(patient: Patient) -> None:
    new = LookupKey("2027", hashlib.sha256(b"new").digest())
    answer = text_of(replace(patient, lookup_keys=LookupKeys((*LOOKUP_KEYS.keys, new))), "identity.lookup_keys")
    assert "not used yet: 2027" in answer
    assert patient.canaries.find_canary("2027") is None


def test_missing_authorities_are_told(patient: Patient) -> None:
    found = states(replace(patient, trust=TrustAnchors(())))
    assert found["trust.user-authentication"] is FAIL
    assert found["trust.digital-signature"] is WARN


@pytest.mark.parametrize(("days_left", "state"), [(91, OK), (89, WARN), (-1, FAIL)])
def test_authorities_about_to_end_are_told(patient: Patient, days_left: int, state: HealthState) -> None:
    end = max(anchor.not_after for anchor in patient.trust.anchors)
    assert states(patient, end - timedelta(days=days_left))["trust.user-authentication"] is state


LIST = "revocation.user-authentication-2"
SIGNING_LIST = "revocation.digital-signature-2"


def test_a_missing_list_is_told_with_the_command_that_fetches_it(patient: Patient, tmp_path: Path) -> None:
    for path in tmp_path.glob("*.crlindex"):
        path.unlink()
    found = states(patient)
    assert (found[LIST], found[SIGNING_LIST]) == (FAIL, WARN)
    assert "idp job revocation-refresh" in text_of(patient, LIST)


def test_a_damaged_list_is_told(patient: Patient, tmp_path: Path) -> None:
    for path in tmp_path.glob("*.crlindex"):
        path.write_bytes(b"damaged")
    assert states(patient)[LIST] is FAIL


@pytest.mark.parametrize(("share", "state"), [(0.89, OK), (0.91, WARN), (1, WARN), (1.01, FAIL)])
def test_a_list_grows_old_and_then_useless(patient: Patient, share: float, state: HealthState) -> None:
    limit = timedelta(seconds=patient.settings.jpki.status_max_age_seconds)
    assert states(patient, NOW + share * limit)[LIST] is state


@pytest.mark.parametrize(("hours", "state"), [(7 * 24, OK), (7 * 24 + 1, FAIL)])
def test_a_list_past_its_next_update_is_useless_however_old_a_status_may_be(
    patient: Patient, hours: int, state: HealthState
) -> None:
    jpki = patient.settings.jpki.model_copy(update={"status_max_age_seconds": 10_000_000})
    lenient = replace(patient, settings=patient.settings.model_copy(update={"jpki": jpki}))
    assert states(lenient, NOW + timedelta(hours=hours))[LIST] is state


def change_jpki(patient: Patient, **changes: object) -> Patient:
    jpki = JpkiSection.model_validate(patient.settings.jpki.model_dump() | changes)
    return replace(patient, settings=patient.settings.model_copy(update={"jpki": jpki}))


def fingerprint(patient: Patient, name: str) -> str:
    anchor = next(anchor for anchor in patient.trust.anchors if anchor.name == name)
    return anchor.certificate.fingerprint(SHA256()).hex()


def test_no_source_of_status_is_a_warning(patient: Patient) -> None:
    assert states(change_jpki(patient, revocation=()))["revocation"] is WARN


def test_lists_are_not_missed_where_a_responder_is_asked(patient: Patient, tmp_path: Path) -> None:
    for path in tmp_path.glob("*.crlindex"):
        path.unlink()
    responders = [{"anchor": fingerprint(patient, "user-authentication-2"), "url": "https://ocsp.example"}]
    found = states(change_jpki(patient, revocation=("ocsp",), ocsp=responders))
    assert found[LIST] is OK
    # No responder is configured for this one, and lists are not asked.
    assert (found["revocation.user-authentication-1"], found[SIGNING_LIST]) == (FAIL, WARN)
    assert "revocation" not in found


def test_a_missing_list_is_a_warning_where_somebody_else_can_be_asked(patient: Patient, tmp_path: Path) -> None:
    for path in tmp_path.glob("*.crlindex"):
        path.unlink()
    lists = [{"anchor": fingerprint(patient, "user-authentication-2"), "source": "/list.crl"}]
    found = states(change_jpki(patient, revocation=("crl", "operator"), crl=lists))
    assert (found[LIST], found["revocation.user-authentication-1"]) == (WARN, OK)


def test_lists_of_distribution_points_are_judged_by_the_worst_of_them(patient: Patient, tmp_path: Path) -> None:
    points = ["CN=Chiyoda-ku CRLDP,C=JP", "CN=Shinjuku-ku CRLDP,C=JP"]
    anchor = next(anchor for anchor in patient.trust.anchors if anchor.name == "user-authentication-2")
    whole = index_path(tmp_path, anchor.issuer_key_id)
    lists = [
        {"anchor": fingerprint(patient, anchor.name), "distribution_point": point, "source": "/list.crl"}
        for point in points
    ]
    partitioned = change_jpki(patient, crl=lists)
    for point, expected in zip(points, (FAIL, OK), strict=True):
        partition = partition_id(parse_distribution_point(point))
        shutil.copy(whole, index_path(tmp_path, anchor.issuer_key_id, partition))
        assert states(partitioned)[LIST] is expected
        if expected is FAIL:
            assert "1 of 2" in text_of(partitioned, LIST)
            assert "Shinjuku" in text_of(partitioned, LIST)


@pytest.mark.parametrize(("free", "state"), [(2 << 30, OK), (1 << 29, WARN), (1 << 20, FAIL)])
def test_a_disk_that_fills_is_told(patient: Patient, free: int, state: HealthState) -> None:
    assert states(replace(patient, free_bytes=lambda _: free))["disk.database"] is state


def test_a_disk_that_cannot_be_asked_is_told(patient: Patient) -> None:
    def broken(directory: Path) -> int:
        raise PermissionError(13, "Permission denied")

    assert states(replace(patient, free_bytes=broken))["disk.database"] is FAIL


def test_room_below_a_directory_that_is_not_there_yet_is_measured_above_it(tmp_path: Path) -> None:
    assert read_free_bytes(tmp_path / "not" / "yet") > 0


def test_a_production_installation_is_not_called_a_sandbox(patient: Patient) -> None:
    production = patient.settings.model_copy(update={"environment": "production"})
    assert "test cards" not in text_of(replace(patient, settings=production), "settings")


def test_the_worst_answer_is_the_sum() -> None:
    def answer(state: HealthState) -> HealthAnswer:
        return HealthAnswer(state, "key", "")

    assert sum_up([]) is OK
    assert sum_up([answer(OK), answer(WARN)]) is WARN
    assert sum_up([answer(WARN), answer(FAIL), answer(OK)]) is FAIL
