"""``idp db``: the durable database and its schema."""

from typing import Final

import click

from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.resources import find_resource_directory
from idp.settings.settings import Settings
from idp.stores.sql.durable import DurableStore
from idp.stores.sql.migration import current_revision, expected_revision, migrate
from idp.stores.sql.open import open_database
from idp.stores.transient.open import open_transient

_UNMIGRATED: Final = "never migrated"


@click.group("db")
def db() -> None:
    """The durable database."""


@db.command("migrate")
@json_option
@click.pass_obj
def migrate_database(session: Session) -> None:
    """Bring the database to this version's schema.

    Safe to start on every node at once: one works, the others wait for it.
    """
    revision = prepare_database(session)
    session.show({"revision": revision}, f"The database is at revision {revision}.")


@db.command("status")
@json_option
@click.pass_obj
def show_status(session: Session) -> None:
    """Whether the database has the schema that this version needs, and belongs to this installation."""
    settings = session.settings
    database = open_database(settings.stores.database, find_password(settings))
    found, expected = current_revision(database), expected_revision(find_resource_directory("migrations"))
    text = f"revision {found or _UNMIGRATED}, this version needs {expected}"
    session.show({"revision": found, "expected_revision": expected}, text)
    if found != expected:
        raise Refused("run idp db migrate")
    DurableStore(database).check_installation(settings.environment, settings.issuer)


def prepare_database(session: Session) -> str:
    """Migrate, and record for whom the database is; transient tables are made as well.

    Needs no key and no authority, so that they can be imported afterwards.

    Returns: the revision.
    Raises:  InstallationMismatch: it is another installation's. StoreUnavailable.
    """
    settings = session.settings
    password = find_password(settings)
    revision = migrate(settings.stores.database, find_resource_directory("migrations"), password)
    database = open_database(settings.stores.database, password)
    DurableStore(database).record_installation(settings.environment, settings.issuer, session.now)
    database.close()
    open_transient(settings.stores.transient, password)
    return revision


def find_password(settings: Settings) -> str | None:
    """The database's password, where one is configured."""
    secret = settings.stores.database_password
    return None if secret is None else secret.get_secret_value()
