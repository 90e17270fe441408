"""Starting the provider: what is checked before, and what the servers are told."""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from idp.cli import serve as serve_module
from idp.cli.application_server import (
    GunicornServer,
    check_address_is_free,
    make_gunicorn_options,
    sharing_metrics,
)
from idp.cli.failure import Refused
from idp.cli.main import main
from idp.cli.start import check_start
from idp.settings.settings import Settings
from tests.unit.cli.conftest import CommandLine

Served = list[Settings]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    """The servers, replaced by a list of the settings they would have been started with."""
    started: Served = []

    def serve(settings: Settings, announce: Callable[[], None]) -> None:
        started.append(settings)
        announce()

    monkeypatch.setattr(serve_module, "serve_with_gunicorn", serve)
    monkeypatch.setattr(serve_module, "serve_with_granian", serve)
    monkeypatch.setattr(serve_module, "check_granian_is_installed", lambda: None)
    monkeypatch.setattr(serve_module, "check_address_is_free", lambda bind: None)
    return started


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What serve leaves for its workers in the environment goes with the test."""
    for name in ("IDP_CONFIG", "PROMETHEUS_MULTIPROC_DIR"):
        monkeypatch.setenv(name, "set, so that it is put back")
        monkeypatch.delenv(name)


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_an_empty_directory_becomes_a_sandbox_that_serves(empty_idp: CommandLine, served: Served, server: str) -> None:
    result = empty_idp.run("serve", "--server", server)
    assert result.exit_code == 0, result.output
    assert [settings.issuer for settings in served] == ["http://localhost:8000"]
    assert result.stdout == "http://localhost:8000 (sandbox) listens on 127.0.0.1:8000\n"
    assert os.environ["IDP_CONFIG"] == str(empty_idp.directory / "idp.toml")


def test_another_server_is_wrong_usage(empty_idp: CommandLine, served: Served) -> None:
    assert empty_idp.run("serve", "--server", "nonsense").exit_code == 2


def test_a_database_that_was_not_migrated_does_not_serve(idp: CommandLine) -> None:
    idp.session().parts.database.write("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(Refused, match="idp db migrate"):
        check_start(idp.session())


def test_a_database_of_a_newer_version_serves(idp: CommandLine) -> None:
    idp.session().parts.database.write("UPDATE alembic_version SET version_num = '9999'")
    check_start(idp.session())


def test_a_lost_key_encryption_key_does_not_serve_and_no_keys_are_made_in_place_of_the_old(
    idp: CommandLine, served: Served
) -> None:
    keys = idp.session().parts.durable.find_signing_keys(idp.now)
    (idp.directory / "sandbox" / "key-encryption-key").unlink()
    assert idp.run("serve").exit_code == 1
    assert served == []
    assert idp.session().parts.durable.find_signing_keys(idp.now) == keys


def test_the_database_of_another_issuer_does_not_serve(idp: CommandLine, served: Served) -> None:
    assert idp.run("serve", environ={"IDP_ISSUER": "http://localhost:9"}).exit_code == 1
    assert served == []


def test_production_that_is_not_set_up_does_not_serve(production: Callable[[str], CommandLine], served: Served) -> None:
    assert production('environment = "production"\nissuer = "https://idp.example"\n').run("serve").exit_code == 1
    assert served == []


def test_granian_without_its_extra_is_refused_with_what_to_install(
    empty_idp: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "granian", None)
    result = empty_idp.run("serve", "--server", "granian")
    assert result.exit_code == 1
    assert "pip install '.[granian]'" in result.stderr
    assert sorted(empty_idp.directory.iterdir()) == [empty_idp.directory / "idp.toml"]


@pytest.mark.enable_socket
def test_an_address_that_is_taken_is_refused_in_one_line_before_anything_is_made(empty_idp: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        bind = f"127.0.0.1:{listening.getsockname()[1]}"
        result = empty_idp.run("serve", environ={"IDP_WEB__BIND": bind})
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"refused: cannot listen on {bind}: Address already in use; web.bind names the address\n"
    assert sorted(empty_idp.directory.iterdir()) == [empty_idp.directory / "idp.toml"]
    check_address_is_free(bind)


@pytest.mark.enable_socket
@pytest.mark.parametrize("bind", ["192.0.2.1:8000", "nobody.invalid:8000"])
def test_an_address_that_is_not_this_machines_is_refused(bind: str) -> None:
    with pytest.raises(Refused, match="cannot listen on"):
        check_address_is_free(bind)


def test_an_inherited_socket_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_FDS", "1")
    check_address_is_free("nobody.invalid:1")


def test_the_servers_say_that_they_listen_once_they_do() -> None:
    said: list[str] = []
    GunicornServer(settings(), lambda: said.append("listens")).cfg.when_ready(None)
    assert said == ["listens"]


def settings(**web: object) -> Settings:
    return Settings.model_validate({"environment": "sandbox", "issuer": "http://localhost:8000", "web": web})


def test_gunicorn_is_told_the_settings_over_the_shipped_file() -> None:
    options = make_gunicorn_options(settings(bind="[::1]:8080", workers=3, threads=7))
    assert (options["bind"], options["workers"], options["threads"]) == ("[::1]:8080", 3, 7)
    assert options["worker_class"] == "gthread"
    # Who speaks for a browser is decided by web.trusted_proxies alone.
    assert options["forwarded_allow_ips"] == ""


def test_several_workers_share_their_numbers_in_a_directory_that_goes_with_them() -> None:
    with sharing_metrics(settings(workers=2)):
        directory = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
        assert directory.is_dir()
    assert not directory.exists()
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ


@pytest.mark.parametrize("web", [{"workers": 1}, {"workers": 2, "metrics_bind": ""}])
def test_nothing_is_shared_where_nothing_needs_it(web: dict[str, object]) -> None:
    with sharing_metrics(settings(**web)):
        assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ


def test_an_operators_own_directory_for_numbers_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    with sharing_metrics(settings(workers=2)):
        assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(tmp_path)
    assert tmp_path.is_dir()


def test_the_program_without_a_settings_file_is_a_sandbox_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, served: Served
) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["serve"]).exit_code == 0
    assert [settings.is_sandbox for settings in served] == [True]
    assert "IDP_CONFIG" not in os.environ
