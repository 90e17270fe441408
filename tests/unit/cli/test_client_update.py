"""The same client with other metadata."""

import json
from pathlib import Path
from typing import Any

import pytest

from idp.identifiers import hash_secret
from tests.unit.cli.conftest import CommandLine

ORDINARY = ("--name", "Library", "--redirect-uri", "https://library.city.example/callback", "--client-id", "library")


def stored(idp: CommandLine) -> Any:
    return idp.session().parts.durable.find_client("library")


def update(idp: CommandLine, *options: str) -> Any:
    return idp.read("client", "update", "library", *options)


@pytest.fixture(autouse=True)
def made(idp: CommandLine) -> Any:
    return idp.read("client", "add", *ORDINARY)


def test_options_change_what_they_name_and_nothing_else(idp: CommandLine, made: dict[str, Any]) -> None:
    changed = update(idp, "--name", "New Library", "--policy-uri", "https://library.city.example/privacy", "--reviewed")
    expected = {"client_name": "New Library", "policy_uri": "https://library.city.example/privacy", "is_reviewed": True}
    assert {name: changed.get(name) for name in {**made, **changed}} == {
        **{name: value for name, value in made.items() if not name.startswith("client_secret")},
        **expected,
    } | {"client_secret": None, "client_secret_expires_at": None}
    assert stored(idp).client_name == "New Library"


def test_the_secret_and_the_age_of_the_client_stay(idp: CommandLine, made: dict[str, Any]) -> None:
    idp.pass_time(days=3)
    update(
        idp, "--scope", "openid offline_access", "--grant-type", "authorization_code", "--grant-type", "refresh_token"
    )
    assert stored(idp).secret_hash == hash_secret(made["client_secret"])
    assert int(stored(idp).created_at.timestamp()) == made["client_id_issued_at"]


def test_a_client_that_gets_a_secret_is_given_one_and_one_that_does_not_need_it_loses_it(idp: CommandLine) -> None:
    keys = ("--token-endpoint-auth-method", "private_key_jwt", "--jwks-uri", "https://library.city.example/jwks")
    assert "client_secret" not in update(idp, *keys)
    assert stored(idp).secret_hash is None
    again = update(idp, "--token-endpoint-auth-method", "client_secret_post", "--unset", "jwks_uri")
    assert stored(idp).secret_hash == hash_secret(again["client_secret"])
    assert stored(idp).options.jwks_uri is None


def test_a_file_is_the_whole_metadata(idp: CommandLine, tmp_path: Path) -> None:
    update(idp, "--contact", "dev@library.city.example", "--no-pkce")
    assert stored(idp).options.contacts == ("dev@library.city.example",)
    path = tmp_path / "client.json"
    members = {"client_name": "From a file", "redirect_uris": ["https://library.city.example/other"]}
    path.write_text(json.dumps(members), encoding="utf-8")
    changed = update(idp, "--file", str(path))
    assert (changed["client_name"], changed["require_pkce"]) == ("From a file", True)
    assert "contacts" not in changed
    assert idp.run("client", "update", "library", "--file", str(path), "--name", "x").exit_code == 2


def test_another_sub_for_everybody_has_to_be_wanted(idp: CommandLine) -> None:
    elsewhere = ("--redirect-uri", "https://elsewhere.example/cb")
    assert idp.run("client", "update", "library", *elsewhere).exit_code == 1
    assert stored(idp).sector == "library.city.example"
    assert update(idp, *elsewhere, "--new-sector")["sector"] == "elsewhere.example"


@pytest.mark.parametrize(
    ("options", "exit_code"),
    [
        (("--redirect-uri", "http://far.example/cb"), 1),
        (("--token-endpoint-auth-method", "tls"), 1),
        (("--unset", "client_name"), 1),
        (("--unset", "tos_uri"), 2),
        (("--unset", "nonsense"), 2),
    ],
)
def test_what_may_not_be_registered_changes_nothing(idp: CommandLine, options: tuple[str, ...], exit_code: int) -> None:
    before = stored(idp)
    assert idp.run("client", "update", "library", *options).exit_code == exit_code
    assert stored(idp) == before


def test_an_unknown_client_is_refused(idp: CommandLine) -> None:
    assert idp.run("client", "update", "nobody", "--name", "x").exit_code == 1


def test_the_change_is_audited(idp: CommandLine) -> None:
    update(idp, "--name", "New")
    rows = idp.session().parts.database.read_all("SELECT event, client_id FROM audit_events ORDER BY sequence")
    assert [tuple(row) for row in rows][-1] == ("client_changed", "library")


def test_every_member_that_may_be_registered_has_an_option(idp: CommandLine) -> None:
    from idp.oidc.registration import MEMBERS

    text = idp.run("client", "add", "--help").output
    names = {"require_pkce": "pkce"}
    missing = [name for name in MEMBERS if f"--{names.get(name, name).replace('_', '-').removesuffix('s')}" not in text]
    assert missing == []
