"""Is the database there, of this version, of this installation, and of the same time?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from idp.ops.health_answer import HealthAnswer, HealthState
from idp.ops.ports import DatabaseFacts
from idp.settings.settings import Settings

_SKEW_WARN: Final = timedelta(seconds=5)
# Codes live for a minute: with more skew than half of it they are refused or live on.
_SKEW_FAIL: Final = timedelta(seconds=30)


def ask_schema(database: DatabaseFacts) -> Iterator[HealthAnswer]:
    """Whether the schema is the one that this version works with."""
    found, expected = database.find_revision(), database.get_expected_revision()
    if found == expected:
        yield HealthAnswer(HealthState.OK, "database.schema", f"revision {found}")
    elif found is None:
        yield HealthAnswer(HealthState.FAIL, "database.schema", "the database is empty: run idp db migrate")
    elif found < expected:
        text = f"revision {found}, this version needs {expected}: run idp db migrate"
        yield HealthAnswer(HealthState.FAIL, "database.schema", text)
    else:
        # Migrations work with the version before them, so that nodes can be replaced one after another.
        text = f"revision {found} is newer than {expected}: a newer version has migrated, replace this one"
        yield HealthAnswer(HealthState.WARN, "database.schema", text)


def ask_installation(database: DatabaseFacts, settings: Settings) -> Iterator[HealthAnswer]:
    """Whether the database was made for this environment and issuer: its accounts and subjects belong to them."""
    found = database.find_installation()
    if found is None:
        yield HealthAnswer(
            HealthState.FAIL, "database.installation", "the database was never set up: run idp db migrate"
        )
    elif found == (settings.environment, settings.issuer):
        yield HealthAnswer(HealthState.OK, "database.installation", f"{found[0]} at {found[1]}")
    else:
        text = f"made for {found[0]} at {found[1]}, the settings say {settings.environment} at {settings.issuer}"
        yield HealthAnswer(HealthState.FAIL, "database.installation", text)


def ask_clock(database: DatabaseFacts, now: datetime) -> Iterator[HealthAnswer]:
    """Whether this machine and the database agree on the time; codes, tokens and lists hang on it."""
    skew = abs(database.read_clock() - now)
    state = HealthState.OK if skew < _SKEW_WARN else HealthState.WARN if skew < _SKEW_FAIL else HealthState.FAIL
    yield HealthAnswer(state, "clock.skew", f"{skew.total_seconds():.0f} s between this machine and the database")
