"""Killed processes, lost servers, forks, full and foreign files: nothing half-written, nothing used twice."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from idp.oidc.grant import SpentCode
from idp.outage import StoreUnavailable
from idp.stores.sql.durable import DurableStore
from idp.stores.sql.migration import migrate
from idp.stores.sql.open import open_database
from idp.stores.transient.open import open_transient
from tests.contracts.conftest import Place
from tests.contracts.records import CODE, DIGEST, GRANT, LATER, NOW, register, sign_in
from tests.support.postgresql import PostgresqlServer, running_postgresql

ROOT = Path(__file__).resolve().parents[2]
HALF_A_TRANSACTION = textwrap.dedent("""
    import sys, time
    from idp.stores.sql.durable import DurableStore
    from idp.stores.sql.open import open_database
    from tests.contracts.records import CODE, LATER, NOW

    store = DurableStore(open_database(sys.argv[1]))
    with store.writing() as writer:
        writer.spend_code(CODE, "client", NOW)
        writer.insert_access_token(b"token", "grant", ("openid",), NOW, LATER)
        print("half", flush=True)
        time.sleep(60)
""")
ONE_TRANSACTION = HALF_A_TRANSACTION.replace(
    '    print("half", flush=True)\n    time.sleep(60)\n', ""
) + textwrap.dedent("""
    print("whole", flush=True)
    time.sleep(60)
""")


NewUrl = Callable[[str], str]


@pytest.fixture
def own_server() -> Iterator[PostgresqlServer]:
    """A server that the test may crash."""
    with running_postgresql() as server:
        yield server


def kill_after_line(program: str, url: str) -> str:
    process = subprocess.Popen([sys.executable, "-c", program, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    process.stdout.close()
    return line


def test_a_process_killed_within_a_transaction_leaves_nothing_of_it(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store)
    assert kill_after_line(HALF_A_TRANSACTION, place.url) == "half"
    assert store.find_access_token(b"token", NOW) is None
    with store.writing() as writer:
        assert writer.spend_code(CODE, "client", NOW) == SpentCode(GRANT)


def test_a_process_killed_after_a_transaction_loses_nothing_of_it(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store)
    assert kill_after_line(ONE_TRANSACTION, place.url) == "whole"
    assert store.find_access_token(b"token", NOW) is not None
    with store.writing() as writer:
        assert writer.spend_code(CODE, "client", NOW) is None


def test_parent_and_child_of_a_fork_both_go_on(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store)
    assert store.find_client("client") is not None
    child = os.fork()
    if child == 0:
        try:
            with store.writing() as writer:
                is_spent = writer.spend_code(CODE, "client", NOW) is not None
            os._exit(0 if is_spent and store.find_client("client") is not None else 1)
        except BaseException:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.find_client("client") is not None
    with store.writing() as writer:
        assert writer.spend_code(CODE, "client", NOW) is None
        assert writer.find_spent_code_grant(CODE, "client") == GRANT


def test_a_child_forked_within_a_transaction_has_no_part_in_it(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store)
    with store.writing() as writer:
        assert writer.spend_code(CODE, "client", NOW) == SpentCode(GRANT)
        child = os.fork()
        if child == 0:
            try:
                found = store.find_credential([DIGEST])
                os._exit(0 if found is not None and store.find_client("client") is not None else 1)
            except BaseException:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with store.writing() as writer:
        assert writer.find_spent_code_grant(CODE, "client") == GRANT


@pytest.mark.postgres
def test_connections_that_the_server_ended_are_replaced(postgresql_server: PostgresqlServer, new_url: NewUrl) -> None:
    url = new_url("postgresql")
    database = open_database(url)
    name = url.rpartition("/")[2]
    end_all = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"

    def end_connections() -> None:
        with psycopg.connect(postgresql_server.url("postgres"), autocommit=True) as connection:
            connection.execute(end_all.encode(), (name,))

    assert database.read_one("SELECT 1") == (1,)
    end_connections()
    assert database.read_one("SELECT 2") == (2,)
    end_connections()
    with database.transaction() as transaction:
        assert transaction.read_one("SELECT 3") == (3,)
    end_connections()
    with pytest.raises(StoreUnavailable):
        database.write("SELECT 4")
    assert database.write("SELECT 5") == [(5,)]

    def lose_connection() -> None:
        with database.transaction() as transaction:
            end_connections()
            transaction.write("SELECT 6")

    with pytest.raises(StoreUnavailable):
        lose_connection()
    assert database.read_one("SELECT 7") == (7,)
    database.close()


@pytest.mark.postgres
def test_one_connection_serves_one_caller_again_and_again(new_url: NewUrl) -> None:
    database = open_database(new_url("postgresql"))
    backend = "SELECT pg_backend_pid()"
    backends = {database.read_one(backend), database.write(backend)[0]}
    with database.transaction() as transaction:
        backends.add(transaction.read_one(backend))

    def take_too_long() -> None:
        with database.transaction() as transaction:
            transaction.write("SET LOCAL statement_timeout = 100")
            transaction.write("SELECT pg_sleep(60)")

    with pytest.raises(StoreUnavailable):
        take_too_long()
    backends.add(database.read_one(backend))
    assert len(backends) == 1
    database.close()


@pytest.mark.postgres
@pytest.mark.slow
def test_a_crash_of_the_server_voids_what_was_in_flight_and_keeps_what_was_committed(
    own_server: PostgresqlServer,
) -> None:
    url = own_server.create_database()
    migrate(url, ROOT / "migrations")
    database = open_database(url)
    store = DurableStore(database)
    transient = open_transient(url)
    register(url)
    sign_in(store)
    assert transient.insert("signin", "key", b"value", LATER, NOW)
    own_server.crash()
    assert transient.find("signin", "key", NOW) is None
    assert transient.insert("signin", "key", b"value", LATER, NOW)
    with store.writing() as writer:
        assert writer.spend_code(CODE, "client", NOW) == SpentCode(GRANT)
    transient.close()
    database.close()


@pytest.mark.postgres
def test_a_server_that_is_not_there_is_an_outage_and_names_no_value() -> None:
    database = open_database("postgresql://idp@127.0.0.1:1/none", "pass-word")

    def begin() -> None:
        with database.transaction():
            pass

    for use in (lambda: database.read_one("SELECT 1"), lambda: database.write("SELECT 1"), begin):
        with pytest.raises(StoreUnavailable) as caught:
            use()
        assert "pass-word" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_conflict_quotes_no_value(place: Place, store: DurableStore) -> None:
    register(place.url)
    sign_in(store)
    with pytest.raises(Exception, match=r"^(SQLite|PostgreSQL): ") as caught:
        sign_in(store)
    assert "account" not in str(caught.value)


def test_a_durable_file_that_is_missing_is_an_outage_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "missing.sqlite3"
    with pytest.raises(StoreUnavailable):
        open_database(f"sqlite:///{path}").read_one("SELECT 1")
    assert not path.exists()


def test_a_file_that_is_no_database_is_an_outage(tmp_path: Path) -> None:
    path = tmp_path / "text.sqlite3"
    path.write_text("this is not a database, although it is long enough to be taken for one" * 20)
    with pytest.raises(StoreUnavailable):
        open_database(f"sqlite:///{path}").read_one("SELECT 1")


def test_another_process_that_writes_for_long_is_waited_for(new_url: NewUrl) -> None:
    url = new_url("sqlite")
    migrate(url, ROOT / "migrations")
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, lambda: other.execute("COMMIT"))
    timer.start()
    database = open_database(url)
    DurableStore(database).record_installation("sandbox", "https://id.example", NOW)
    timer.join()
    other.close()
    database.close()


@pytest.fixture
def boot_id_file(tmp_path: Path) -> Path:
    path = tmp_path / "boot_id"
    path.write_text("first boot\n")
    return path


def test_transient_state_outlives_its_process_but_not_the_machines_restart(tmp_path: Path, boot_id_file: Path) -> None:
    url = f"sqlite:///{tmp_path}/var/transient.sqlite3"
    transient = open_transient(url, boot_id_file=boot_id_file)
    transient.insert("signin", "key", b"value", LATER, NOW)
    transient.close()
    transient = open_transient(url, boot_id_file=boot_id_file)
    assert transient.find("signin", "key", NOW) is not None
    transient.close()
    boot_id_file.write_text("second boot\n")
    transient = open_transient(url, boot_id_file=boot_id_file)
    assert transient.find("signin", "key", NOW) is None
    transient.close()
    transient = open_transient(url, boot_id_file=tmp_path / "no such file")
    transient.insert("signin", "key", b"value", LATER, NOW)
    transient.close()
    transient = open_transient(url, boot_id_file=tmp_path / "no such file")
    assert transient.find("signin", "key", NOW) is not None
    transient.close()


def test_a_broken_transient_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "transient.sqlite3"
    open_transient(f"sqlite:///{path}").close()
    path.write_bytes(b"SQLite format 3\x00" + bytes(5000))
    transient = open_transient(f"sqlite:///{path}")
    assert transient.insert("signin", "key", b"value", LATER, NOW)
    transient.close()


def test_a_transient_folder_that_cannot_be_made_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable):
        open_transient(f"sqlite:///{tmp_path}/file/transient.sqlite3")
