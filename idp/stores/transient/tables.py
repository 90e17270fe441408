"""The tables of transient state; made where they are missing, never migrated.

What changes shape gets a new number in its name and starts empty: losing the old rows voids sign-ins in flight only.
"""

from typing import Final

from idp.stores.sql.database import Database

# Records keep their rowid: with values of a kilobyte a clustered key costs twice as much (measured).
_SQLITE: Final = (
    """
CREATE TABLE IF NOT EXISTS transient_records_1 (
    kind TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, version INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
)
""",
    """
CREATE TABLE IF NOT EXISTS transient_counters_1 (
    kind TEXT NOT NULL, key BLOB NOT NULL, total INTEGER NOT NULL, expires_at INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID
""",
)
_POSTGRESQL: Final = (
    """
CREATE UNLOGGED TABLE IF NOT EXISTS transient_records_1 (
    kind TEXT NOT NULL, key BYTEA NOT NULL, value BYTEA NOT NULL, version BIGINT NOT NULL, expires_at BIGINT NOT NULL,
    PRIMARY KEY (kind, key)
)
""",
    """
CREATE UNLOGGED TABLE IF NOT EXISTS transient_counters_1 (
    kind TEXT NOT NULL, key BYTEA NOT NULL, total BIGINT NOT NULL, expires_at BIGINT NOT NULL,
    PRIMARY KEY (kind, key)
)
""",
)
_INDEXES: Final = (
    "CREATE INDEX IF NOT EXISTS ix_transient_records_1_expires_at ON transient_records_1 (expires_at)",
    "CREATE INDEX IF NOT EXISTS ix_transient_counters_1_expires_at ON transient_counters_1 (expires_at)",
)
_CREATION_LOCK: Final = 0x4D594E54  # arbitrary, the same for ever


def has_transient_tables(database: Database) -> bool:
    """Whether everything is there already, so that a role without the right to create tables can open it."""
    if database.dialect == "sqlite":
        sql = "SELECT COUNT(*) FROM sqlite_master WHERE name LIKE 'ix_transient_%_1_expires_at'"
    else:
        sql = """
SELECT COUNT(*) FROM (VALUES (to_regclass('ix_transient_records_1_expires_at')),
                             (to_regclass('ix_transient_counters_1_expires_at'))) AS wanted (found)
WHERE found IS NOT NULL
"""
    row = database.read_one(sql)
    return row is not None and row[0] == len(_INDEXES)


def create_transient_tables(database: Database) -> None:
    """Make the tables that are missing; of several callers at once one does it.

    Raises: StoreUnavailable: the database could not be reached.
    """
    if has_transient_tables(database):
        return
    with database.transaction() as transaction:
        if database.dialect == "postgresql":
            transaction.read_one("SELECT 1 FROM pg_advisory_xact_lock(?)", (_CREATION_LOCK,))
        for statement in (*(_SQLITE if database.dialect == "sqlite" else _POSTGRESQL), *_INDEXES):
            transaction.write(statement)
