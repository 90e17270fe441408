"""conf/ says what the program reads: every key, its default, and examples that start."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from idp.settings.load import load_settings
from tests.unit.settings.documents import list_keys
from tests.unit.settings.production_files import write_secret

CONF = Path(__file__).resolve().parents[3] / "conf"
HEADING = re.compile(r"^##+ \[?\[?([\w.]+| ?Top level)\]?\]?$")
ROW = re.compile(r"^\| `(\w+)` \| [^|]+ \| [^|]*\| ([^|]+) \| [^|]+ \|$")


def documented() -> dict[str, str]:
    found: dict[str, str] = {}
    section = ""
    for line in (CONF / "README.md").read_text(encoding="utf-8").splitlines():
        if heading := HEADING.match(line):
            section = "" if heading[1] == "Top level" else f"{heading[1]}."
        elif row := ROW.match(line):
            found[f"{section}{row[1]}"] = row[2]
        elif line.startswith("`profile`"):
            found["jpki.profile"] = "none"
    return found


def keys_of(table: dict[str, Any], prefix: str = "") -> set[str]:
    found = set()
    for name, value in table.items():
        if isinstance(value, dict):
            found |= keys_of(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            found |= keys_of(value[0], f"{prefix}{name}.")
        else:
            found.add(f"{prefix}{name}")
    return found


def test_every_key_is_documented_and_no_other() -> None:
    assert set(documented()) == {key for key, _ in list_keys()}


@pytest.mark.parametrize(("key", "field"), [pytest.param(key, field, id=key) for key, field in list_keys()])
def test_documented_default_is_the_default(key: str, field: Any) -> None:
    stated = re.findall(r"`([^`]+)`", documented()[key])
    if field.default in (PydanticUndefined, None, ()) or stated == []:
        assert field.default in (PydanticUndefined, None, (), ""), f"{key} has a default that conf/README.md omits"
        return
    written = tomllib.loads(f"value = {stated[0]}")["value"]
    default = field.default if isinstance(field.default, int) else str(field.default)
    assert (tuple(written) if isinstance(written, list) else written) in (default, field.default)


def test_production_example_has_every_key_and_starts(tmp_path: Path) -> None:
    text = (CONF / "idp.example.toml").read_text(encoding="utf-8")
    missing = {key for key, _ in list_keys()} - keys_of(tomllib.loads(text))
    assert missing == {"sandbox.directory", "stores.database_password", "jpki.profile"}
    example = tmp_path / "idp.toml"
    text = text.replace("/etc/idp", str(tmp_path)).replace("/var/lib/idp", str(tmp_path / "state"))
    example.write_text(text, encoding="utf-8")
    for folder in ("trust/user-authentication", "trust/digital-signature", "secrets"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "trust/manifest.toml").touch()
    for name in ("lookup-key-2027", "key-encryption-key", "database-password"):
        write_secret(tmp_path / "secrets" / name)
    settings = load_settings(example, {})
    assert settings.environment == "production"
    assert settings.stores.database_password is not None


def test_development_example_is_a_sandbox_that_starts() -> None:
    assert load_settings(CONF / "development.toml", {}).is_sandbox


def test_example_clients_use_registered_member_names() -> None:
    registered = {
        "client_name", "client_name#ja", "redirect_uris", "application_type", "token_endpoint_auth_method",
        "grant_types", "response_types", "scope", "subject_type", "id_token_signed_response_alg", "client_uri",
        "policy_uri", "tos_uri", "contacts", "jwks_uri", "sector_identifier_uri",
    }  # fmt: skip
    for client in tomllib.loads((CONF / "clients.example.toml").read_text(encoding="utf-8"))["client"]:
        assert set(client) <= registered
