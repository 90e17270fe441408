"""Where a database is."""

from pathlib import Path

import pytest

from idp.stores.sql.address import AddressRefused, parse_database_address


def test_an_sqlite_path_is_relative_to_the_working_directory() -> None:
    assert parse_database_address("sqlite:///var/idp.sqlite3").sqlite_path == Path.cwd() / "var" / "idp.sqlite3"


def test_an_sqlite_path_may_be_absolute_and_hold_any_character() -> None:
    address = parse_database_address("sqlite:////var/a?b#c%20d.sqlite3")
    assert address.sqlite_path == Path("/var/a?b#c%20d.sqlite3")
    assert address.sqlalchemy_url(None).database == "/var/a?b#c%20d.sqlite3"


def test_a_postgresql_address_gets_its_password_apart_and_hides_it() -> None:
    url = parse_database_address("postgresql://idp@db.example/idp?sslmode=verify-full").sqlalchemy_url("p@ss/word")
    assert (url.host, url.username, url.database) == ("db.example", "idp", "idp")
    assert url.password == "p@ss/word"
    assert "p@ss" not in str(url)
    assert dict(url.query) == {"sslmode": "verify-full"}


@pytest.mark.parametrize("url", ["", "sqlite:///", "sqlite://", "postgresql://", "mysql://x/y", "/var/idp.sqlite3"])
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        parse_database_address(url)
