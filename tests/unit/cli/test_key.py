"""The signing keys' verbs."""

import pytest

from tests.unit.cli.conftest import CommandLine


def phases(idp: CommandLine, alg: str = "ES256") -> list[str]:
    return [key["phase"] for key in idp.read("key", "list") if key["alg"] == alg]


def test_a_rotation_is_announced_signs_and_retires_the_old_key(idp: CommandLine) -> None:
    assert phases(idp) == ["signing"]
    [made] = idp.read("key", "rotate", "--alg", "ES256")
    assert phases(idp) == ["signing", "announced"]
    idp.pass_time(days=1, seconds=1)
    assert phases(idp) == ["retired", "signing"]
    assert idp.read("key", "list")[-1]["kid"] == made["kid"]
    idp.pass_time(days=8)
    assert phases(idp) == ["signing"]


def test_a_rotation_without_alg_rotates_every_algorithm(idp: CommandLine) -> None:
    assert {key["alg"] for key in idp.read("key", "rotate")} == {"ES256", "RS256", "PS256", "EdDSA"}


def test_a_compromised_key_is_published_no_more(idp: CommandLine) -> None:
    [old] = [key["kid"] for key in idp.read("key", "list") if key["alg"] == "ES256"]
    [made] = idp.read("key", "rotate", "--alg", "ES256", "--compromised")
    assert made["phase"] == "signing"
    assert old not in {key["kid"] for key in idp.read("key", "list")}


def test_a_compromised_key_is_not_announced(idp: CommandLine) -> None:
    assert idp.run("key", "rotate", "--compromised", "--announce-seconds", "60").exit_code == 2


def test_the_time_of_announcement_can_be_chosen(idp: CommandLine) -> None:
    idp.read("key", "rotate", "--alg", "RS256", "--announce-seconds", "60")
    idp.pass_time(seconds=61)
    assert phases(idp, "RS256") == ["retired", "signing"]


def test_no_private_key_is_printed(idp: CommandLine) -> None:
    output = idp.run("key", "list", "--json").output + idp.run("key", "rotate", "--json").output
    assert '"d"' not in output


@pytest.mark.parametrize("alg", ["HS256", "none"])
def test_other_algorithms_are_wrong_usage(idp: CommandLine, alg: str) -> None:
    assert idp.run("key", "rotate", "--alg", alg).exit_code == 2
