"""The doctor at the command line."""

import json
import socket

import pytest

from tests.unit.cli.conftest import CommandLine


def test_a_healthy_sandbox_ends_with_0_and_answers_every_question(idp: CommandLine) -> None:
    answers = idp.read("doctor")
    assert {answer["state"] for answer in answers} == {"ok"}
    assert {"settings", "database.schema", "trust.user-authentication"} <= {answer["key"] for answer in answers}


def test_a_failure_ends_with_1_and_names_the_question(idp: CommandLine) -> None:
    idp.session().parts.database.write("DELETE FROM signing_keys")
    result = idp.run("doctor", "--json")
    assert result.exit_code == 1
    assert "keys.signing.es256" in json.loads(result.stderr)["message"]
    assert {"state": "fail", "key": "keys.signing.es256", "text": "no key signs: run idp key rotate"} in json.loads(
        result.stdout
    )


def test_the_database_of_another_issuer_is_an_answer_among_the_others(idp: CommandLine) -> None:
    result = idp.run("doctor", "--json", environ={"IDP_ISSUER": "http://localhost:9"})
    assert result.exit_code == 1
    assert {"database.installation", "keys.signing.es256"} <= {answer["key"] for answer in json.loads(result.stdout)}


@pytest.mark.enable_socket
def test_an_operator_that_does_not_answer_is_named(idp: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    operator = {
        "IDP_OPERATOR_PLATFORM__URL": f"http://127.0.0.1:{port}/v1",
        "IDP_OPERATOR_PLATFORM__LINKAGE": "true",
        "IDP_OPERATOR_PLATFORM__ATTEMPTS": "1",
    }
    result = idp.run("doctor", "--json", environ=operator)
    assert result.exit_code == 1
    assert {
        "state": "fail",
        "key": "operator.linkage",
        "text": "does not answer: network_ConnectError",
    } in json.loads(result.stdout)


def test_a_warning_ends_with_0(idp: CommandLine) -> None:
    idp.session().parts.database.write("UPDATE alembic_version SET version_num = '9999'")
    assert {answer["state"] for answer in idp.read("doctor")} == {"ok", "warn"}


def test_logouts_that_were_given_up_are_a_warning_that_names_the_client_and_no_person(idp: CommandLine) -> None:
    made = idp.read("client", "add", "--client-id", "library", "--name", "L", "--redirect-uri", "https://l.example/cb")
    assert made["client_id"] == "library"
    idp.session().parts.database.write(
        "INSERT INTO logout_deliveries (delivery_id, client_id, sub, sid, created_at, due_at, tries, outcome, dead_at,"
        " expires_at) VALUES ('d', 'library', 'the-sub', 'the-sid', 1, 1, 20, 'unreachable', 2, 9999999999)"
    )
    (answer,) = [each for each in idp.read("doctor") if each["key"] == "logout.dead"]
    assert answer["state"] == "warn"
    assert "1 given up: library 1;" in answer["text"]
    assert "the-sub" not in answer["text"]
    assert "the-sid" not in answer["text"]


def test_a_table_that_is_not_there_yet_is_an_answer_among_the_others(idp: CommandLine) -> None:
    database = idp.session().parts.database
    database.write("DROP TABLE logout_deliveries")
    answers = json.loads(idp.run("doctor", "--json").stdout)
    assert {"logout.dead", "disk.database"} <= {answer["key"] for answer in answers}
