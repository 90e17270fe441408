"""The look-up keys' verbs."""

from idp.settings.secret_file import create_key_file, read_key_file
from tests.unit.cli.conftest import CommandLine


def test_a_new_key_is_written_and_what_to_do_with_it_is_said(idp: CommandLine) -> None:
    path = idp.directory / "lookup-2027"
    result = idp.run("lookup-key", "add", "k2027", "--file", str(path))
    assert result.exit_code == 0
    assert 'id = "k2027"' in result.output
    assert len(read_key_file(path)) == 32
    assert read_key_file(path).hex() not in result.output
    assert path.read_text(encoding="ascii").strip() not in result.output


def test_an_existing_file_is_left_alone(idp: CommandLine) -> None:
    path = idp.directory / "lookup"
    path.write_text("precious", encoding="ascii")
    assert idp.run("lookup-key", "add", "new", "--file", str(path)).exit_code == 1
    assert path.read_text(encoding="ascii") == "precious"


def test_an_id_in_use_is_not_given_to_another_key(idp: CommandLine) -> None:
    path = idp.directory / "lookup"
    assert idp.run("lookup-key", "add", "sandbox", "--file", str(path)).exit_code == 1
    assert not path.exists()


def test_the_keys_are_listed_with_their_use(idp: CommandLine) -> None:
    assert idp.read("lookup-key", "list") == [{"id": "sandbox", "writes": True, "is_new": False, "credentials": 0}]


def test_a_swapped_key_is_refused(idp: CommandLine) -> None:
    path = idp.directory / "sandbox" / "lookup-key"
    path.unlink()
    create_key_file(path)
    result = idp.run("lookup-key", "list")
    assert result.exit_code == 1
    assert "not the key that had this id before" in result.stderr
