"""The two application servers, told by the settings where to listen and with how many hands."""

import importlib
import os
import runpy
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from gunicorn.app.base import BaseApplication

from idp.cli.failure import Refused
from idp.resources import find_resource_directory
from idp.settings.settings import Settings

APPLICATION: Final = "idp.wsgi:app"
Announce = Callable[[], None]
# Set where the listening socket is inherited: from the supervisor, or from the gunicorn that this one replaces.
_INHERITED: Final = ("LISTEN_FDS", "GUNICORN_FD")
_METRICS_DIRECTORY: Final = "PROMETHEUS_MULTIPROC_DIR"


class GunicornServer(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with the configuration that came with the program, and no command line of its own."""

    def __init__(self, settings: Settings, announce: Announce) -> None:
        self._settings = settings
        self._announce = announce
        super().__init__()

    def load_config(self) -> None:
        """The shipped file, then the settings."""
        for name, value in make_gunicorn_options(self._settings).items():
            self.cfg.set(name, value)
        self.cfg.set("when_ready", lambda _: self._announce())

    def load(self) -> Callable[..., Any]:
        """The application; gunicorn calls this in each worker."""
        module, _, name = APPLICATION.partition(":")
        application: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return application


def make_gunicorn_options(settings: Settings) -> Mapping[str, Any]:
    """gunicorn's settings by its own names."""
    shipped = runpy.run_path(str(find_resource_directory("conf") / "gunicorn.conf.py"))
    options = {name: value for name, value in shipped.items() if not name.startswith("_")}
    web = settings.web
    return {**options, "bind": web.bind, "workers": web.workers, "threads": web.threads, "proc_name": "idp"}


@contextmanager
def sharing_metrics(settings: Settings) -> Iterator[None]:
    """Let several workers add up their numbers, in a directory that goes with the block.

    Takes effect only before the metrics' library is imported.
    """
    if settings.web.workers == 1 or not settings.web.metrics_bind or _METRICS_DIRECTORY in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="idp-metrics-") as directory:
        os.environ[_METRICS_DIRECTORY] = directory
        try:
            yield
        finally:
            del os.environ[_METRICS_DIRECTORY]


def check_address_is_free(bind: str) -> None:
    """That the server will be able to listen, asked before anything is made or opened.

    Takes:  bind, an address and a port, with IPv6 addresses in brackets.
    Raises: Refused: somebody listens there, or the address is not this machine's.
    """
    if any(name in os.environ for name in _INHERITED):
        return
    host, port = _split_bind(bind)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the servers do: connections of a server that has just ended do not keep the next one from starting.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Refused(f"cannot listen on {bind}: {reason}; web.bind names the address") from None


def check_granian_is_installed() -> None:
    """Raises: Refused: the extra is not installed."""
    try:
        importlib.import_module("granian")
    except ImportError:
        raise Refused("granian is not installed; in a checkout: pip install '.[granian]'") from None


def serve_with_gunicorn(settings: Settings, announce: Announce) -> None:
    """Serve until a signal ends it; ``announce`` is called once the address is listened on."""
    GunicornServer(settings, announce).run()


def serve_with_granian(settings: Settings, announce: Announce) -> None:
    """Serve until a signal ends it; ``announce`` is called once the address is listened on."""
    granian = importlib.import_module("granian")
    constants = importlib.import_module("granian.constants")
    host, port = _split_bind(settings.web.bind)
    server = granian.Granian(
        APPLICATION,
        address=host,
        port=port,
        interface=constants.Interfaces.WSGI,
        workers=settings.web.workers,
        blocking_threads=settings.web.threads,
        websockets=False,
        respawn_failed_workers=True,
        log_access=False,
    )
    server.on_startup(announce)
    server.serve()


def _split_bind(bind: str) -> tuple[str, int]:
    host, _, port = bind.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)
