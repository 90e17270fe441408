"""Registrations as a file, out and in again."""

import json
from pathlib import Path
from typing import Any

import pytest

from idp.oidc.registration import client_fingerprint
from tests.unit.cli.conftest import CommandLine

JWK = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}


@pytest.fixture
def clients(idp: CommandLine, tmp_path: Path) -> list[dict[str, Any]]:
    jwks = tmp_path / "jwks.json"
    jwks.write_text(json.dumps({"keys": [JWK]}), encoding="utf-8")
    key = ("--token-endpoint-auth-method", "private_key_jwt", "--jwks-file", str(jwks))
    app = ("--application-type", "native", "--token-endpoint-auth-method", "none")
    return [
        idp.read("client", "add", "--name", "図書館", "--redirect-uri", "https://a.example/cb", "--reviewed"),
        idp.read("client", "add", "--name", "Bank", "--redirect-uri", "https://b.example/cb", *key, "--lawful-verifier",
                 "--evidence-days", "30", "--contact", "dev@b.example"),
        idp.read("client", "add", "--name", "App", "--redirect-uri", "com.example.app:/cb", *app),
        idp.read("client", "add", "--name", "D", "--redirect-uri", "https://d.example/cb", "--subject-type", "public"),
    ]  # fmt: skip


def export(idp: CommandLine, path: Path, *client_ids: str) -> list[dict[str, Any]]:
    assert idp.run("client", "export", *client_ids, "--output", str(path)).exit_code == 0
    members: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return members


def test_what_is_exported_is_imported_as_it_was(
    idp: CommandLine, clients: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "clients.json"
    export(idp, path)
    before = idp.read("client", "list")
    for client in clients:
        idp.read("client", "remove", client["client_id"])
    imported = idp.read("client", "import", str(path))
    without_time = [{k: v for k, v in each.items() if k != "client_id_issued_at"} for each in before]
    again = [{k: v for k, v in each.items() if k != "client_id_issued_at"} for each in idp.read("client", "list")]
    assert sorted(again, key=str) == sorted(without_time, key=str)
    assert [("client_secret" in each) for each in imported] == [
        each["token_endpoint_auth_method"].startswith("client_secret") for each in before
    ]


def test_nothing_secret_is_in_the_file(idp: CommandLine, clients: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    exported = export(idp, path)
    text = path.read_text(encoding="utf-8")
    assert not any("secret" in name for each in exported for name in each)
    assert not any(each["client_secret"] in text for each in clients if "client_secret" in each)


def test_one_client_is_exported_by_its_id_and_to_standard_output(
    idp: CommandLine, clients: list[dict[str, Any]], tmp_path: Path
) -> None:
    (one,) = export(idp, tmp_path / "one.json", clients[1]["client_id"])
    assert one["client_name"] == "Bank"
    assert len(json.loads(idp.run("client", "export").stdout)) == 4
    assert idp.run("client", "export", "nobody").exit_code == 1
    assert idp.run("client", "export", "--output", str(tmp_path / "no" / "folder")).exit_code == 1


def test_an_import_is_all_or_nothing(idp: CommandLine, clients: list[dict[str, Any]], tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    exported = export(idp, path)
    idp.read("client", "remove", clients[0]["client_id"])
    assert idp.run("client", "import", str(path)).exit_code == 1
    assert len(idp.read("client", "list")) == 3
    fresh = [{**each, "client_id": f"new-{number}"} for number, each in enumerate(exported)]
    for broken in ([*fresh, {**fresh[0], "client_id": "x", "redirect_uris": ["ftp://x"]}], [*fresh, fresh[0]]):
        path.write_text(json.dumps(broken), encoding="utf-8")
        assert idp.run("client", "import", str(path)).exit_code == 1
        assert len(idp.read("client", "list")) == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": 1},
        {"client_id": "-option"},
        {"is_reviewed": "yes"},
        {"is_lawful_verifier": 1},
        {"evidence_retention_days": 0},
        {"evidence_retention_days": True},
        {"evidence_retention_days": "30"},
        {"client_secret": "known"},
        {"unknown": 1},
    ],
)
def test_a_file_that_says_something_else_is_refused(idp: CommandLine, tmp_path: Path, changed: dict[str, Any]) -> None:
    path = tmp_path / "clients.json"
    members = {"client_id": "a", "client_name": "A", "redirect_uris": ["https://a.example/cb"], **changed}
    path.write_text(json.dumps([members]), encoding="utf-8")
    assert idp.run("client", "import", str(path)).exit_code == 1
    assert idp.read("client", "list") == []


def test_an_imported_client_is_noticed_as_the_one_it_was(
    idp: CommandLine, clients: list[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "clients.json"
    export(idp, path, clients[1]["client_id"])
    idp.read("client", "remove", clients[1]["client_id"])
    idp.read("client", "import", str(path))
    found = idp.session().parts.durable.find_client(clients[1]["client_id"])
    assert found is not None
    assert found.fingerprint == client_fingerprint(found)
