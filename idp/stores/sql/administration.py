"""The operator's side of the database: Flask-SQLAlchemy's sessions over the mapped tables, apart from requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from idp.outage import StoreConflict, StoreUnavailable
from idp.stores.sql.address import parse_database_address
from idp.stores.sql.schema import Base


class Administration:
    """Sessions for administration; no connection is kept, so that it is safe to fork at any time.

    The extension wants an application: a private one, so that command line and web use it in the same way.
    """

    def __init__(self, database_url: str, password: str | None = None) -> None:
        self._application = Flask(__name__)
        self._application.config["SQLALCHEMY_DATABASE_URI"] = parse_database_address(database_url).sqlalchemy_url(
            password
        )
        self._application.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": NullPool}
        self._extension = SQLAlchemy(self._application, model_class=Base)
        with self._application.app_context():
            if self._extension.engine.dialect.name == "sqlite":
                event.listen(self._extension.engine, "connect", _prepare_sqlite)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction of the operator: committed when the block ends, rolled back when it raises.

        Raises: StoreUnavailable, StoreConflict: in place of the driver's errors.
        """
        with self._application.app_context():
            session = self._extension.session
            try:
                yield session()
                session.commit()
            except IntegrityError as error:
                raise StoreConflict(f"administration: {type(error.orig).__name__}") from None
            except DBAPIError as error:
                raise StoreUnavailable(f"administration: {type(error.orig).__name__}") from None
            finally:
                session.remove()


def _prepare_sqlite(connection: Any, _: Any) -> None:
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "busy_timeout = 10000"):
        connection.execute(f"PRAGMA {pragma}")
