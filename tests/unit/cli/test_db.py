"""The database verbs."""

from tests.unit.cli.conftest import CommandLine


def test_migrating_makes_a_database_that_belongs_to_this_installation(empty_idp: CommandLine) -> None:
    revision = empty_idp.read("db", "migrate")["revision"]
    assert empty_idp.read("db", "status") == {"revision": revision, "expected_revision": revision}


def test_migrating_again_changes_nothing(empty_idp: CommandLine) -> None:
    assert empty_idp.read("db", "migrate") == empty_idp.read("db", "migrate")


def test_migrating_needs_no_keys_and_no_authorities(empty_idp: CommandLine) -> None:
    empty_idp.read("db", "migrate")
    assert not (empty_idp.directory / "sandbox").exists()


def test_an_empty_database_is_told_apart_from_a_missing_one(empty_idp: CommandLine) -> None:
    (empty_idp.directory / "idp.sqlite3").touch()
    result = empty_idp.run("db", "status")
    assert (result.exit_code, "never migrated" in result.stdout) == (1, True)


def test_the_database_of_another_issuer_is_refused(idp: CommandLine) -> None:
    other = {"IDP_ISSUER": "http://localhost:9999"}
    assert idp.run("db", "migrate", environ=other).exit_code == 1
    assert idp.run("db", "status", environ=other).exit_code == 1
