"""The signing keys' verbs."""

import pytest

from idp.keys.jwe_algorithms import ALL_ALGORITHMS
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
    idp.pass_time(days=30)
    assert phases(idp) == ["signing"]


def test_a_rotation_without_alg_rotates_every_algorithm(idp: CommandLine) -> None:
    assert {key["alg"] for key in idp.read("key", "rotate")} == set(ALL_ALGORITHMS)


def test_in_an_emergency_every_key_is_withdrawn_and_the_operator_learns_what_to_say(idp: CommandLine) -> None:
    idp.read("key", "rotate", "--alg", "ES256")
    old = {key["kid"] for key in idp.read("key", "list")}
    text = idp.run("key", "emergency").output
    assert "Tell the relying parties" in text
    assert all(kid in text for kid in old)
    phase_of = {key["kid"]: key["phase"] for key in idp.read("key", "list")}
    assert {phase_of.pop(kid) for kid in old} == {"revoked"}
    assert list(phase_of.values()) == ["signing"] * len(ALL_ALGORITHMS)


def test_a_revoked_key_is_followed_by_the_announced_one(idp: CommandLine) -> None:
    [old] = [key["kid"] for key in idp.read("key", "list") if key["alg"] == "ES256"]
    [made] = idp.read("key", "rotate", "--alg", "ES256")
    assert idp.read("key", "revoke", old) == [{"alg": "ES256", "revoked": [old], "successor": made["kid"]}]
    assert phases(idp) == ["revoked", "signing"]
    assert [key["kid"] for key in idp.read("key", "calendar")["revoked"]] == [old]


def test_an_unknown_key_or_one_revoked_before_is_refused(idp: CommandLine) -> None:
    [old] = [key["kid"] for key in idp.read("key", "list") if key["alg"] == "ES256"]
    idp.read("key", "revoke", old)
    assert idp.run("key", "revoke", old).exit_code == 1
    assert idp.run("key", "revoke", "unknown").exit_code == 1


def test_the_calendar_names_the_dates_of_every_key(idp: CommandLine) -> None:
    calendar = idp.read("key", "calendar")
    assert {key["alg"] for key in calendar["keys"]} == set(ALL_ALGORITHMS)
    assert calendar["jwks_cache_seconds"] < calendar["announce_seconds"]
    assert calendar["keys"][0]["kid"] in idp.run("key", "calendar").output


def test_the_time_of_announcement_can_be_chosen(idp: CommandLine) -> None:
    idp.read("key", "rotate", "--alg", "RS256", "--announce-seconds", "60")
    idp.pass_time(seconds=61)
    assert phases(idp, "RS256") == ["retired", "signing"]


def test_no_private_key_is_printed(idp: CommandLine) -> None:
    output = "".join(
        idp.run("key", *verb, "--json").output for verb in (["rotate"], ["list"], ["calendar"], ["emergency"])
    )
    assert '"d"' not in output
    assert "encrypted_private_jwk" not in output


@pytest.mark.parametrize("alg", ["HS256", "none"])
def test_other_algorithms_are_wrong_usage(idp: CommandLine, alg: str) -> None:
    assert idp.run("key", "rotate", "--alg", alg).exit_code == 2
