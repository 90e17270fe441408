"""Every store on every engine: what a contract says is asked of each."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from idp.stores.sql.database import Database, StatementObserver
from idp.stores.sql.durable import DurableStore
from idp.stores.sql.migration import migrate
from idp.stores.sql.open import open_database
from idp.stores.transient.open import open_transient
from idp.stores.transient.sql import SqlTransientStore
from tests.support.postgresql import PostgresqlServer, running_postgresql

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@dataclass(frozen=True)
class Place:
    """Where a migrated database is; ``open`` opens it once more, as another process would."""

    engine: str
    url: str

    opened: list[Database] = field(default_factory=list)

    def open(self, observer: StatementObserver | None = None) -> Database:
        self.opened.append(open_database(self.url, observer=observer))
        return self.opened[-1]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    with running_postgresql() as server:
        yield server


@pytest.fixture
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes the URL of an empty database of an engine."""
    created: list[str] = []

    def make(engine: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{tmp_path}/{len(created)}.sqlite3"
        url: str = request.getfixturevalue("postgresql_server").create_database()
        created.append(url)
        return url

    yield make
    for url in created:
        request.getfixturevalue("postgresql_server").drop_database(url)


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> str:
    return new_url(request.param)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "migrated.sqlite3"
    migrate(f"sqlite:///{path}", MIGRATIONS)
    return path


@pytest.fixture(scope="session")
def migrated_database(postgresql_server: PostgresqlServer) -> str:
    url = postgresql_server.create_database()
    migrate(url, MIGRATIONS)
    return url


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A migrated database of each engine: a copy, since migrating takes longer than most tests."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "place.sqlite3")
        made = Place("sqlite", f"sqlite:///{path}")
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql_server")
        made = Place("postgresql", server.create_database(request.getfixturevalue("migrated_database")))
    yield made
    for database in made.opened:
        database.close()
    if request.param == "postgresql":
        server.drop_database(made.url)


@pytest.fixture
def database(place: Place) -> Database:
    return place.open()


@pytest.fixture
def store(database: Database) -> DurableStore:
    return DurableStore(database)


@pytest.fixture
def transient(empty_url: str) -> Iterator[SqlTransientStore]:
    opened = open_transient(empty_url)
    yield opened
    opened.close()
