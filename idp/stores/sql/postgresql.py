"""PostgreSQL through psycopg 3, and nothing between. psycopg is the extra ``postgres``: imported when first needed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from idp.outage import StoreConflict, StoreUnavailable
from idp.stores.sql.database import Row, StatementObserver
from idp.stores.sql.idle_connections import IdleConnections

if TYPE_CHECKING:
    import psycopg

Result = TypeVar("Result")

_CONNECTION_LIMIT: Final = 32
_WAIT_SECONDS: Final = 10.0
_SESSION_SETTINGS: Final = (
    "-c statement_timeout=10000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000 -c TimeZone=UTC"
)
_TRANSLATED: dict[str, str] = {}


class PostgresqlDatabase:
    """One PostgreSQL database; statements by themselves run in autocommit, so that each costs one round trip.

    A lost connection is found when it is used: a read and the beginning of a transaction are tried once more on a new
    one; a write is not, for it may have been done. ``synchronous_commit`` off is for state that may be lost.
    """

    dialect: Literal["postgresql"] = "postgresql"

    def __init__(
        self,
        conninfo: str,
        password: str | None = None,
        synchronous: bool = True,
        observer: StatementObserver | None = None,
    ) -> None:
        self._conninfo = conninfo
        self._password = password
        self._options = _SESSION_SETTINGS if synchronous else f"{_SESSION_SETTINGS} -c synchronous_commit=off"
        self._observer = observer
        self._idle = IdleConnections(self._connect, _CONNECTION_LIMIT, _WAIT_SECONDS)

    def read_one(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        rows = self.read_all(sql, parameters)
        return rows[0] if rows else None

    def read_all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows."""
        connection, rows = self._begin(lambda taken: run(taken, sql, parameters, self._observer))
        self._idle.put_back(connection)
        return rows

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one changing statement by itself; it is committed when this returns."""
        connection = self._idle.take()
        try:
            if self._observer is not None:
                self._observer.saw_write_transaction()
            return run(connection, sql, parameters, self._observer)
        finally:
            self._leave(connection)

    @contextmanager
    def transaction(self) -> Iterator["PostgresqlTransaction"]:
        """One write transaction, READ COMMITTED: a statement that must win alone says so by its condition."""
        if self._observer is not None:
            self._observer.saw_write_transaction()
        connection, _ = self._begin(lambda taken: run(taken, "BEGIN", (), None))
        try:
            yield PostgresqlTransaction(connection, self._observer)
            run(connection, "COMMIT", (), None)
        except BaseException:
            _roll_back(connection)
            raise
        finally:
            self._leave(connection)

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._idle.close_idle()

    def _begin(self, first: Callable[["psycopg.Connection[Row]"], Result]) -> tuple["psycopg.Connection[Row]", Result]:
        for is_last in (False, True):
            connection = self._idle.take()
            try:
                return connection, first(connection)
            except BaseException:
                is_lost = connection.closed
                self._leave(connection)
                if is_last or not is_lost:
                    raise
        raise AssertionError("unreachable")

    def _leave(self, connection: "psycopg.Connection[Row]") -> None:
        from psycopg.pq import TransactionStatus

        if connection.closed or connection.pgconn.transaction_status != TransactionStatus.IDLE:
            self._idle.discard(connection)
        else:
            self._idle.put_back(connection)

    def _connect(self) -> "psycopg.Connection[Row]":
        import psycopg

        try:
            return psycopg.connect(
                self._conninfo,
                password=self._password,
                autocommit=True,
                prepare_threshold=0,
                options=self._options,
                application_name="mynumber-idp",
                connect_timeout=5,
                keepalives_idle=30,
                tcp_user_timeout=15000,
            )
        except psycopg.Error as error:
            raise StoreUnavailable(f"PostgreSQL: connecting failed ({type(error).__name__})") from None


class PostgresqlTransaction:
    """Statements on the one connection that has begun."""

    def __init__(self, connection: "psycopg.Connection[Row]", observer: StatementObserver | None) -> None:
        self._connection = connection
        self._observer = observer

    def read_one(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row, or None."""
        rows = run(self._connection, sql, parameters, self._observer)
        return rows[0] if rows else None

    def read_all(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows."""
        return run(self._connection, sql, parameters, self._observer)

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Run one changing statement; it is committed with the transaction."""
        return run(self._connection, sql, parameters, self._observer)


def run(
    connection: "psycopg.Connection[Row]", sql: str, parameters: Sequence[Any], observer: StatementObserver | None
) -> list[Row]:
    """Run one statement and read its rows, if it has any."""
    import psycopg

    if observer is not None:
        observer.saw_statement(sql)
    translated_sql = _TRANSLATED.get(sql)
    if translated_sql is None:
        translated_sql = _TRANSLATED[sql] = sql.replace("%", "%%").replace("?", "%s")
    try:
        # Not user input: every statement is a constant of this package.
        cursor = connection.execute(translated_sql.encode("ascii"), parameters)
        return cursor.fetchall() if cursor.description is not None else []
    except psycopg.Error as error:
        raise _translated(error) from None


def _translated(error: "psycopg.Error") -> Exception:
    """psycopg's error in the words of ``idp.outage``, without its message, which may quote values."""
    import psycopg

    name = f"PostgreSQL: {type(error).__name__} {error.sqlstate or ''}".rstrip()
    if isinstance(error, psycopg.IntegrityError):
        return StoreConflict(name)
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | psycopg.InternalError):
        return StoreUnavailable(name)
    return error


def _roll_back(connection: "psycopg.Connection[Row]") -> None:
    import psycopg

    if connection.closed:
        return
    try:
        connection.execute("ROLLBACK")
    except psycopg.Error:
        connection.close()  # the server rolls back what nobody is connected to
