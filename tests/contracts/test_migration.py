"""Migrations: from nothing to today's schema, one at a time, whoever else tries."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from idp.identity.credential import SealedSerial
from idp.ops.recheck_ports import KeptSerials
from idp.outage import StoreUnavailable
from idp.stores.sql.address import parse_database_address
from idp.stores.sql.durable import DurableStore
from idp.stores.sql.migration import expected_revision, migrate
from idp.stores.sql.open import open_database
from idp.stores.sql.schema import Base
from idp.stores.sql.schema_dump import dump_schema
from tests.contracts.conftest import MIGRATIONS, Place


def revisions() -> list[str]:
    directory = ScriptDirectory(str(MIGRATIONS))
    return [script.revision for script in directory.walk_revisions()][::-1]


def test_an_empty_database_becomes_what_the_program_expects(empty_url: str) -> None:
    assert migrate(empty_url, MIGRATIONS) == expected_revision(MIGRATIONS)
    assert migrate(empty_url, MIGRATIONS) == expected_revision(MIGRATIONS)


def test_every_step_by_itself_leads_to_the_same(empty_url: str) -> None:
    for revision in revisions():
        assert migrate(empty_url, MIGRATIONS, to=revision) == revision
    assert revision == expected_revision(MIGRATIONS)


def test_revisions_are_numbers_in_order_and_files_are_named_for_them() -> None:
    assert revisions() == [f"{number:04}" for number in range(1, len(revisions()) + 1)]
    names = sorted(path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    assert [name.partition("_")[0] for name in names] == revisions()


def test_the_migrated_database_is_what_the_mapped_tables_say(place: Place) -> None:
    engine = create_engine(parse_database_address(place.url).sqlalchemy_url(None), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, Base.metadata) == []


def test_eight_at_once_make_one_schema(empty_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: migrate(empty_url, MIGRATIONS), range(8)))
    assert set(results) == {expected_revision(MIGRATIONS)}


def test_a_migration_that_fails_half_way_leaves_nothing(empty_url: str, tmp_path: Path) -> None:
    broken = tmp_path / "100%migrations"
    (broken / "versions").mkdir(parents=True)
    (broken / "env.py").write_text((MIGRATIONS / "env.py").read_text())
    (broken / "versions" / "0001_half.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision = '0001'\ndown_revision = None\n"
        "def upgrade():\n    op.create_table('half', sa.Column('a', sa.Text()))\n    raise KeyError('half-way')\n"
    )
    with pytest.raises(KeyError):
        migrate(empty_url, broken)
    assert migrate(empty_url, MIGRATIONS) == expected_revision(MIGRATIONS)
    engine = create_engine(parse_database_address(empty_url).sqlalchemy_url(None), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_the_schema_dump_is_current(engine: str) -> None:
    assert (MIGRATIONS / f"schema.{engine}.sql").read_text(encoding="utf-8") == dump_schema(engine), (
        "write it anew: python -m idp.stores.sql.schema_dump migrations"
    )


def test_the_sqlite_dump_makes_the_very_tables_that_the_migrations_make(new_url: Callable[[str], str]) -> None:
    url = new_url("sqlite")
    migrate(url, MIGRATIONS)
    migrated, dumped = sqlite3.connect(url.removeprefix("sqlite:///")), sqlite3.connect(":memory:")
    dumped.executescript(dump_schema("sqlite"))
    found = [_statements(connection) for connection in (migrated, dumped)]
    found[0].pop("alembic_version")
    for connection in (migrated, dumped):
        connection.close()
    assert found[0] == found[1]


def test_the_version_before_goes_on_beside_the_one_that_asks_again(empty_url: str) -> None:
    migrate(empty_url, MIGRATIONS, to="0013")
    database = open_database(empty_url)
    database.write("INSERT INTO accounts (account_id, state, opened_at, state_changed_at) VALUES ('a', 'active', 1, 1)")
    credential = (
        "INSERT INTO credentials (credential_id, account_id, lookup_key_id, lookup_digest, profile, kind, valid_until,"
        " state, state_changed_at, first_seen_at, last_seen_at, link_digest)"
        " VALUES (?, 'a', 'key', ?, 'card', 'card', 9, 'active', 1, 1, 1, NULL)"
    )
    database.write(credential, ("before", b"b" * 32))
    migrate(empty_url, MIGRATIONS, to="0014")
    database.write(credential, ("after", b"a" * 32))
    migrate(empty_url, MIGRATIONS)
    store = DurableStore(database)
    assert store.count_kept_serials() == KeptSerials(0, None)
    now = datetime(2026, 11, 22, tzinfo=UTC)
    with store.writing() as writer:
        writer.touch_credential("before", now, SealedSerial("sealed", now))
    # What that version revokes leaves the new columns alone; the next run finds it revoked, and forgets it.
    database.write("UPDATE credentials SET state = 'revoked', state_changed_at = 2 WHERE credential_id = 'before'")
    (kept,) = store.claim_kept_serials(now, now + timedelta(minutes=5), 9)
    assert (kept.credential_id, kept.is_revoked) == ("before", True)
    database.close()


def _statements(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Every table and index as its clauses, which may stand in any order."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
    return {name: _clauses(" ".join(sql.split())) for name, sql in rows}


def _clauses(sql: str) -> list[str]:
    head, _, rest = sql.partition("(")
    body, _, tail = rest.rpartition(")")
    clauses = [""]
    depth = 0
    for character in body:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            clauses.append("")
        else:
            clauses[-1] += character
    return [head.strip(), *sorted(clause.strip() for clause in clauses), tail.strip()]


def test_a_new_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path}/new/folder/idp.sqlite3", MIGRATIONS)
    path = tmp_path / "new" / "folder" / "idp.sqlite3"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_server_that_is_not_there_is_an_outage() -> None:
    with pytest.raises(StoreUnavailable):
        migrate("postgresql://idp@127.0.0.1:1/none", MIGRATIONS)
