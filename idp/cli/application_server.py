"""The two application servers, told by the settings where to listen and with how many hands."""

import importlib
import os
import runpy
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from gunicorn.app.base import BaseApplication

from idp.cli.failure import Refused
from idp.resources import find_resource_directory
from idp.settings.settings import Settings

APPLICATION: Final = "idp.wsgi:app"
_METRICS_DIRECTORY: Final = "PROMETHEUS_MULTIPROC_DIR"


class GunicornServer(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with the configuration that came with the program, and no command line of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """The shipped file, then the settings."""
        for name, value in make_gunicorn_options(self._settings).items():
            self.cfg.set(name, value)

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


def serve_with_gunicorn(settings: Settings) -> None:
    """Serve until a signal ends it."""
    GunicornServer(settings).run()


def serve_with_granian(settings: Settings) -> None:
    """Serve until a signal ends it.

    Raises: Refused: the extra is not installed.
    """
    try:
        granian = importlib.import_module("granian")
        constants = importlib.import_module("granian.constants")
    except ImportError:
        raise Refused("granian is not installed; in a checkout: pip install '.[granian]'") from None
    host, _, port = settings.web.bind.rpartition(":")
    granian.Granian(
        APPLICATION,
        address=host.removeprefix("[").removesuffix("]"),
        port=int(port),
        interface=constants.Interfaces.WSGI,
        workers=settings.web.workers,
        blocking_threads=settings.web.threads,
        websockets=False,
        respawn_failed_workers=True,
        log_access=False,
    ).serve()
