"""The clients' verbs."""

import json
from pathlib import Path
from typing import Any

import pytest

from idp.client_journal import ClientNote
from idp.identifiers import hash_secret
from tests.unit.cli.conftest import CommandLine

ORDINARY = ("--name", "例示市立図書館", "--redirect-uri", "https://library.city.example/callback")


def add(idp: CommandLine, *options: str) -> Any:
    return idp.read("client", "add", *(options or ORDINARY))


def stored_hash(idp: CommandLine, client_id: str) -> bytes | None:
    client = idp.session().parts.durable.find_client(client_id)
    assert client is not None
    return client.secret_hash


def test_a_client_is_registered_and_its_secret_printed_once(idp: CommandLine) -> None:
    made = add(idp)
    assert (made["client_name"], made["sector"]) == ("例示市立図書館", "library.city.example")
    assert stored_hash(idp, made["client_id"]) == hash_secret(made["client_secret"])
    assert made["client_secret"] not in idp.run("client", "show", made["client_id"]).output
    assert made["client_secret"] not in idp.run("client", "list", "--json").output


def test_every_option_is_a_member_of_the_registration(idp: CommandLine) -> None:
    made = add(
        idp,
        "--client-id",
        "library",
        "--reviewed",
        "--client-name",
        "Library",
        "--redirect-uri",
        "https://a.example/cb",
        "--redirect-uri",
        "https://b.example/cb",
        "--post-logout-redirect-uri",
        "https://a.example/bye",
        "--client-uri",
        "https://a.example/",
        "--token-endpoint-auth-method",
        "client_secret_post",
        "--id-token-signed-response-alg",
        "RS256",
        "--grant-type",
        "authorization_code",
        "--grant-type",
        "refresh_token",
        "--scope",
        "openid offline_access",
        "--sector-identifier-uri",
        "https://sector.example/uris.json",
        "--vouch-for-sector",
        "--no-pkce",
    )
    expected = {
        "client_id": "library",
        "is_reviewed": True,
        "redirect_uris": ["https://a.example/cb", "https://b.example/cb"],
        "post_logout_redirect_uris": ["https://a.example/bye"],
        "client_uri": "https://a.example/",
        "token_endpoint_auth_method": "client_secret_post",
        "id_token_signed_response_alg": "RS256",
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid offline_access",
        "sector": "sector.example",
        "require_pkce": False,
    }
    assert {name: made[name] for name in expected} == expected


def test_the_last_requests_of_a_client_are_told(idp: CommandLine) -> None:
    made = add(idp, "--name", "App", "--redirect-uri", "https://rp.example/cb")
    assert idp.run("client", "requests", "nobody").exit_code == 1
    assert idp.read("client", "requests", made["client_id"]) == []
    with idp.session().parts.durable.writing() as writer:
        note = ClientNote(made["client_id"], idp.now, "POST /token", "invalid_grant", "code was used before", "ABC")
        writer.insert_client_notes([note])
    (told,) = idp.read("client", "requests", made["client_id"])
    assert (told["where"], told["outcome"], told["reference"]) == ("POST /token", "invalid_grant", "ABC")
    assert "code was used before" in idp.run("client", "requests", made["client_id"]).stdout


def test_a_public_client_gets_no_secret(idp: CommandLine) -> None:
    options = ("--application-type", "native", "--token-endpoint-auth-method", "none")
    made = add(idp, "--name", "App", "--redirect-uri", "http://127.0.0.1/cb", *options)
    assert "client_secret" not in made
    assert idp.run("client", "rotate-secret", made["client_id"]).exit_code == 1


def test_public_keys_come_from_a_file(idp: CommandLine, tmp_path: Path) -> None:
    jwk = {
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [jwk]}), encoding="utf-8")
    method = ("--token-endpoint-auth-method", "private_key_jwt", "--jwks-file", str(path))
    assert add(idp, *ORDINARY, *method)["jwks"] == {"keys": [jwk]}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--name", "X", "--redirect-uri", "http://far.example/cb"), "invalid_redirect_uri"),
        (("--name", "X"), "invalid_client_metadata"),
        (("--name", "X", "--redirect-uri", "https://a.example/cb", "--scope", "profile"), "invalid_client_metadata"),
    ],
)
def test_what_may_not_be_registered_is_refused_with_its_code(
    idp: CommandLine, options: tuple[str, ...], code: str
) -> None:
    result = idp.run("client", "add", *options)
    assert result.exit_code == 1
    assert code in result.stderr
    assert idp.read("client", "list") == []


def test_a_taken_client_id_is_refused(idp: CommandLine) -> None:
    add(idp, *ORDINARY, "--client-id", "library")
    assert idp.run("client", "add", *ORDINARY, "--client-id", "library").exit_code == 1


@pytest.mark.parametrize("options", [(), (*ORDINARY, "--file", "{file}")])
def test_a_client_comes_from_a_file_or_from_options(idp: CommandLine, tmp_path: Path, options: tuple[str, ...]) -> None:
    path = tmp_path / "clients.json"
    path.write_text("{}", encoding="utf-8")
    given = tuple(option.format(file=path) for option in options)
    assert idp.run("client", "add", *given).exit_code == 2


FILES = {
    "clients.toml": '[[client]]\nclient_name = "A"\nredirect_uris = ["https://a.example/cb"]\n'
    '[[client]]\nclient_name = "B"\nredirect_uris = ["https://b.example/cb"]\n',
    "clients.json": '[{"client_name": "A", "redirect_uris": ["https://a.example/cb"]},'
    ' {"client_name": "B", "redirect_uris": ["https://b.example/cb"]}]',
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_registers_all_its_clients(idp: CommandLine, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(FILES[name], encoding="utf-8")
    made = add(idp, "--file", str(path))
    assert [client["client_name"] for client in made] == ["A", "B"]
    assert {client["client_id"] for client in idp.read("client", "list")} == {client["client_id"] for client in made}
    assert idp.run("client", "add", "--file", str(path), "--client-id", "one").exit_code == 2


def test_a_file_with_one_bad_client_registers_none(idp: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "clients.toml"
    path.write_text(FILES["clients.toml"].replace("https://b", "ftp://b"), encoding="utf-8")
    assert idp.run("client", "add", "--file", str(path)).exit_code == 1
    assert idp.read("client", "list") == []


@pytest.mark.parametrize("text", ["", "[]", "1", "{", '["text"]', "\ufeff{", "[" * 100_000])
@pytest.mark.parametrize("suffix", [".json", ".toml"])
def test_a_file_of_another_form_is_refused(idp: CommandLine, tmp_path: Path, text: str, suffix: str) -> None:
    path = tmp_path / f"clients{suffix}"
    path.write_text(text, encoding="utf-8")
    assert idp.run("client", "add", "--file", str(path)).exit_code == 1


def test_a_rotated_secret_ends_the_old_one(idp: CommandLine) -> None:
    made = add(idp)
    rotated = idp.read("client", "rotate-secret", made["client_id"])
    assert rotated["client_secret"] != made["client_secret"]
    assert stored_hash(idp, made["client_id"]) == hash_secret(rotated["client_secret"])


def test_a_removed_client_is_gone(idp: CommandLine) -> None:
    made = add(idp)
    idp.read("client", "remove", made["client_id"])
    assert idp.read("client", "list") == []


@pytest.mark.parametrize("verb", ["show", "remove", "rotate-secret"])
def test_an_unknown_client_is_refused(idp: CommandLine, verb: str) -> None:
    assert idp.run("client", verb, "nobody").exit_code == 1


def test_people_read_the_same_in_columns(idp: CommandLine) -> None:
    made = idp.run("client", "add", *ORDINARY, "--client-id", "library")
    assert "shown this once" in made.output
    listed = idp.run("client", "list").output.splitlines()
    assert listed[1].startswith("library")


def test_the_shipped_example_of_clients_is_registered_as_it_stands(idp: CommandLine) -> None:
    example = Path(__file__).resolve().parents[3] / "conf" / "clients.example.toml"
    first, second = idp.read("client", "add", "--vouch-for-sector", "--file", str(example))
    assert (first["sector"], second["sector"]) == ("library.city.example", "www.city.example")
