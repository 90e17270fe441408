"""Initial access tokens, as an operator makes and ends them."""

import json

import pytest

from idp.identifiers import hash_secret
from tests.unit.cli.conftest import CommandLine


def test_a_token_is_printed_once_and_stored_as_a_hash(idp: CommandLine) -> None:
    made = idp.read("client", "invite", "--scope", "openid", "--redirect-host", "rp.example", "--note", "for RP")
    (listed,) = idp.read("client", "invitations")
    assert listed == {n: v for n, v in made.items() if n not in ("initial_access_token", "registration_endpoint")}
    assert made["initial_access_token"] not in json.dumps(listed)
    assert made["registration_endpoint"] == "http://localhost:8000/register"
    found = idp.session().parts.client_registrations.find_invitation(hash_secret(made["initial_access_token"]), idp.now)
    assert found is not None
    assert (found.limits.scope, found.limits.redirect_hosts) == (("openid",), ("rp.example",))


def test_it_ends_by_itself_or_by_the_operator(idp: CommandLine) -> None:
    idp.read("client", "invite", "--days", "1")
    second = idp.read("client", "invite", "--days", "2", "--uses", "5")
    assert [each["uses_left"] for each in idp.read("client", "invitations")] == [1, 5]
    idp.pass_time(days=1)
    assert [each["uses_left"] for each in idp.read("client", "invitations")] == [5]
    idp.read("client", "uninvite", second["invitation_id"])
    assert idp.read("client", "invitations") == []
    assert idp.run("client", "uninvite", second["invitation_id"]).exit_code == 1


@pytest.mark.parametrize(
    ("options", "exit_code"),
    [
        (("--scope", "openid nonsense"), 1),
        (("--redirect-host", "https://rp.example"), 1),
        (("--redirect-host", "RP.example"), 1),
        (("--redirect-host", ""), 1),
        (("--uses", "0"), 2),
        (("--days", "366"), 2),
    ],
)
def test_what_means_nothing_is_refused(idp: CommandLine, options: tuple[str, ...], exit_code: int) -> None:
    assert idp.run("client", "invite", *options).exit_code == exit_code
    assert idp.read("client", "invitations") == []


def test_where_nobody_may_register_nobody_is_invited(idp: CommandLine) -> None:
    assert idp.run("client", "invite", environ={"IDP_REGISTRATION__MODE": "off"}).exit_code == 1


def test_people_read_the_same_in_columns(idp: CommandLine) -> None:
    text = idp.run("client", "invite", "--note", "例示市").output
    assert "shown this once" in text
    assert "例示市" in idp.run("client", "invitations").output
