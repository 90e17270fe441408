"""Each reason for which production refuses to start, and that the refusal names the key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from idp.settings.production import find_production_problems
from idp.settings.settings import Settings
from tests.unit.settings.production_files import production_tables, write_secret

Spoil = Callable[[dict[str, Any]], None]


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Any]:
    return production_tables(tmp_path)


def refused_keys(tables: dict[str, Any]) -> set[str]:
    stores = {"transient": f"{tables['stores']['database']}-transient"} | tables["stores"]
    return {problem.key for problem in find_production_problems(Settings.model_validate(tables | {"stores": stores}))}


def test_complete_settings_start(tables: dict[str, Any]) -> None:
    assert refused_keys(tables) == set()


def test_http_issuer_is_refused(tables: dict[str, Any]) -> None:
    tables["issuer"] = "http://localhost:8000"
    assert refused_keys(tables) == {"issuer"}


@pytest.mark.parametrize("key", ["name", "contact", "privacy_notice", "purpose_of_use"])
@pytest.mark.parametrize("value", ["", "  "])
def test_operator_has_to_be_told(tables: dict[str, Any], key: str, value: str) -> None:
    tables["operator"][key] = value
    assert refused_keys(tables) == {f"operator.{key}"}


def test_privacy_notice_has_to_be_an_https_address(tables: dict[str, Any]) -> None:
    tables["operator"]["privacy_notice"] = "javascript:alert(1)"
    assert refused_keys(tables) == {"operator.privacy_notice"}


@pytest.mark.parametrize("key", ["user_authentication_anchors", "digital_signature_anchors"])
def test_anchors_have_to_be_named(tables: dict[str, Any], key: str) -> None:
    del tables["jpki"][key]
    assert refused_keys(tables) == {f"jpki.{key}"}


@pytest.mark.parametrize("key", ["user_authentication_anchors", "digital_signature_anchors"])
def test_anchors_have_to_be_a_directory(tables: dict[str, Any], key: str, tmp_path: Path) -> None:
    tables["jpki"][key] = str(tmp_path / "absent")
    assert refused_keys(tables) == {f"jpki.{key}"}


def test_one_directory_for_both_kinds_of_anchor_is_refused(tables: dict[str, Any]) -> None:
    tables["jpki"]["digital_signature_anchors"] = tables["jpki"]["user_authentication_anchors"]
    assert refused_keys(tables) == {"jpki.digital_signature_anchors"}


def test_named_manifest_has_to_be_there(tables: dict[str, Any], tmp_path: Path) -> None:
    tables["jpki"]["trust_manifest"] = str(tmp_path / "absent.toml")
    assert refused_keys(tables) == {"jpki.trust_manifest"}


def test_no_status_source_is_refused(tables: dict[str, Any]) -> None:
    tables["jpki"]["revocation"] = []
    assert refused_keys(tables) == {"jpki.revocation"}


def test_status_by_list_without_a_list_is_refused(tables: dict[str, Any]) -> None:
    del tables["jpki"]["crl"]
    assert refused_keys(tables) == {"jpki.crl"}


def test_no_lookup_key_is_refused(tables: dict[str, Any]) -> None:
    del tables["identity"]
    assert refused_keys(tables) == {"identity.lookup_key"}


def test_no_key_encryption_key_is_refused(tables: dict[str, Any]) -> None:
    del tables["keys"]
    assert refused_keys(tables) == {"keys.key_encryption_key_file"}


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        pytest.param(None, 0o604, id="readable by every user"),
        pytest.param(None, 0o602, id="writable by every user"),
        pytest.param("", 0o600, id="empty"),
        pytest.param("c2hvcnQ", 0o600, id="short"),
        pytest.param("changeme!", 0o600, id="not base64url"),
        pytest.param("A" * 43, 0o600, id="default: zeros"),
        pytest.param("YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE", 0o600, id="default: one letter"),
    ],
)
def test_unfit_secret_file_is_refused(tables: dict[str, Any], text: str | None, mode: int) -> None:
    write_secret(Path(tables["keys"]["key_encryption_key_file"]), text, mode)
    assert refused_keys(tables) == {"keys.key_encryption_key_file"}


def test_absent_secret_file_is_refused(tables: dict[str, Any]) -> None:
    Path(tables["identity"]["lookup_key"][0]["file"]).unlink()
    assert refused_keys(tables) == {"identity.lookup_key[0].file"}


def test_one_key_for_two_purposes_is_refused(tables: dict[str, Any]) -> None:
    tables["identity"]["lookup_key"][0]["file"] = tables["keys"]["key_encryption_key_file"]
    assert refused_keys(tables) == {"identity.lookup_key[0].file"}


@pytest.mark.parametrize(
    "address", ["sqlite:///:memory:", "sqlite:///file:x?mode=memory", "sqlite:////tmp/x?mode=memory", "sqlite:///a.db"]
)
@pytest.mark.parametrize("key", ["database", "transient"])
def test_database_in_memory_or_at_a_relative_path_is_refused(tables: dict[str, Any], address: str, key: str) -> None:
    tables["stores"][key] = address
    assert f"stores.{key}" in refused_keys(tables)


def test_database_password_file_that_others_can_read_is_refused(tables: dict[str, Any], tmp_path: Path) -> None:
    file = write_secret(tmp_path / "password", "a password", 0o644)
    tables["stores"] = {"database": "postgresql://idp@db/idp", "transient": "postgresql://idp@db/idp"}
    tables["stores"]["database_password_file"] = str(file)
    assert refused_keys(tables) == {"stores.database_password_file"}


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0"])
def test_trusting_every_proxy_is_refused(tables: dict[str, Any], network: str) -> None:
    tables["web"] = {"trusted_proxies": ["127.0.0.1/32", network]}
    assert refused_keys(tables) == {"web.trusted_proxies[1]"}


@pytest.mark.parametrize(
    ("web", "refused"),
    [
        ({"client_certificate_header": "Client-Cert"}, {"web.client_certificate_header"}),
        ({"mtls_url": "https://mtls.idp.example"}, {"web.mtls_url"}),
        ({"client_certificate_header": "Client-Cert", "trusted_proxies": ["127.0.0.1/32"]}, set()),
    ],
)
def test_r25_a_certificate_header_without_a_proxy_is_refused(
    tables: dict[str, Any], web: dict[str, Any], refused: set[str]
) -> None:
    tables["web"] = web
    assert refused_keys(tables) == refused


def test_sandbox_section_is_refused(tables: dict[str, Any]) -> None:
    tables["sandbox"] = {}
    assert refused_keys(tables) == {"sandbox"}


def mark_anchors(tables: dict[str, Any]) -> None:
    directory = Path(tables["jpki"]["user_authentication_anchors"]).parent / "sandbox" / "trust"
    directory.mkdir(parents=True)
    tables["jpki"]["user_authentication_anchors"] = str(directory)


def mark_lookup_key(tables: dict[str, Any]) -> None:
    tables["identity"]["lookup_key"][0]["id"] = "sandbox"


def mark_database(tables: dict[str, Any]) -> None:
    tables["stores"]["database"] = "sqlite:////srv/sandbox/idp.sqlite3"


def mark_distribution_point(tables: dict[str, Any]) -> None:
    tables["jpki"]["crl"][0]["distribution_point"] = "O=JPKI-SANDBOX,C=JP"


def mark_profile_by_member(tables: dict[str, Any]) -> None:
    tables["jpki"]["profile"] = [{"sandbox": True}]


def mark_profile_by_policy(tables: dict[str, Any]) -> None:
    tables["jpki"]["profile"] = [{"policy_oid": "2.25.328653170194599493379844654296709440124.3.30"}]


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (mark_anchors, "jpki.user_authentication_anchors"),
        (mark_lookup_key, "identity.lookup_key[0].id"),
        (mark_database, "stores.database"),
        (mark_distribution_point, "jpki.crl[0].distribution_point"),
        (mark_profile_by_member, "jpki.profile[0].sandbox"),
        (mark_profile_by_policy, "jpki.profile[0].policy_oid"),
    ],
)
def test_whatever_bears_the_marks_of_a_sandbox_is_refused(tables: dict[str, Any], spoil: Spoil, key: str) -> None:
    spoil(tables)
    assert key in refused_keys(tables)


def test_a_word_that_only_contains_the_mark_is_no_mark(tables: dict[str, Any]) -> None:
    tables["jpki"]["crl"][0]["source"] = "/srv/sandboxes/list.crl"
    assert refused_keys(tables) == set()


def test_relative_paths_are_refused(tables: dict[str, Any]) -> None:
    tables["jpki"]["crl_index_directory"] = "var/crl"
    assert refused_keys(tables) == {"jpki.crl_index_directory"}


def test_a_key_that_goes_before_what_it_signed_is_refused(tables: dict[str, Any]) -> None:
    tables["keys"] |= {"retire_seconds": 28_799}
    assert refused_keys(tables) == {"keys.retire_seconds"}
    tables["keys"] |= {"retire_seconds": 28_800}
    assert refused_keys(tables) == set()


def test_registration_by_anybody_is_for_sandboxes(tables: dict[str, Any]) -> None:
    tables["registration"] = {"mode": "open"}
    assert refused_keys(tables) == {"registration.mode"}
    tables["registration"] = {"mode": "token"}
    assert refused_keys(tables) == set()


def test_a_software_statement_that_nobody_can_sign_is_not_required(tables: dict[str, Any]) -> None:
    tables["registration"] = {"mode": "token", "require_software_statement": True}
    assert refused_keys(tables) == {"registration.software_statement"}
