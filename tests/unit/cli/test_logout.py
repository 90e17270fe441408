"""Logout tokens that nobody took, as the operator sees them."""

import pytest

from tests.unit.cli.conftest import CommandLine


def owe(idp: CommandLine, *delivery_ids: str, dead: bool = False) -> None:
    database = idp.session().parts.database
    seconds = int(idp.now.timestamp())
    database.write(
        "INSERT INTO clients (client_id, client_name, redirect_uris, sector, token_endpoint_auth_method,"
        " id_token_signed_response_alg, scope, grant_types, require_pkce, is_reviewed, client_uri,"
        " post_logout_redirect_uris, created_at, fingerprint) VALUES ('rp', 'n', 'https://rp.example/', 's', 'none',"
        " 'ES256', 'openid', 'authorization_code', 1, 0, '', '', 0, x'00') ON CONFLICT DO NOTHING"
    )
    for delivery_id in delivery_ids:
        database.write(
            "INSERT INTO logout_deliveries (delivery_id, client_id, sub, sid, created_at, due_at, tries, outcome,"
            " dead_at, expires_at) VALUES (?, 'rp', 'a-sub', 'a-sid', ?, ?, 20, 'status_503', ?, ?)",
            (delivery_id, seconds, seconds, seconds if dead else None, seconds + 86_400),
        )


def test_what_waits_and_what_was_given_up_is_shown_without_naming_a_person(idp: CommandLine) -> None:
    owe(idp, "waiting")
    owe(idp, "buried", dead=True)
    [pending] = idp.read("logout", "pending")
    [dead] = idp.read("logout", "dead")
    assert (pending["delivery_id"], pending["client_id"], pending["outcome"]) == ("waiting", "rp", "status_503")
    assert (dead["delivery_id"], dead["dead_at"]) == ("buried", idp.now.replace(microsecond=0).isoformat())
    shown = idp.run("logout", "dead").stdout + idp.run("logout", "pending").stdout
    assert "buried" in shown
    assert "a-sub" not in shown
    assert "a-sid" not in shown


def test_the_operator_revives_what_was_given_up(idp: CommandLine) -> None:
    owe(idp, "one", "two", dead=True)
    assert idp.read("logout", "retry", "one") == {"retried": 1}
    assert [each["tries"] for each in idp.read("logout", "pending")] == [0]
    assert idp.read("logout", "retry", "--client", "rp") == {"retried": 2}
    assert idp.read("logout", "dead") == []


def test_dropping_for_a_client_takes_only_what_was_given_up(idp: CommandLine) -> None:
    owe(idp, "one", "two", dead=True)
    owe(idp, "waiting")
    assert idp.read("logout", "drop", "--client", "rp") == {"dropped": 2}
    assert [each["delivery_id"] for each in idp.read("logout", "pending")] == ["waiting"]
    assert idp.read("logout", "drop", "waiting") == {"dropped": 1}
    rows = idp.session().parts.database.read_all("SELECT client_id FROM audit_events WHERE event = 'logout_dropped'")
    assert rows == [("rp",)] * 3


@pytest.mark.parametrize("verb", ["retry", "drop"])
def test_nothing_chosen_is_misuse_and_nothing_found_is_refused(idp: CommandLine, verb: str) -> None:
    assert idp.run("logout", verb).exit_code == 2
    assert idp.run("logout", verb, "one", "--client", "rp").exit_code == 2
    assert idp.run("logout", verb, "unknown").exit_code == 1
    assert idp.run("logout", verb, "--client", "nobody").exit_code == 1


def test_the_job_delivers_what_is_due(idp: CommandLine) -> None:
    owe(idp, "for a client without an address")
    assert idp.read("job", "logout-delivery") == {"delivered": 0, "failed": 0, "dead": 0, "dropped": 1}
