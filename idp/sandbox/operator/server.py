"""The operator's process: a small server on this machine's loopback address."""

import socketserver
import threading
from collections.abc import Callable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

_HOST = "127.0.0.1"


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    # A slow answer on request must not keep the others waiting, nor the program from ending.
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = 30

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: questions name certificates."""


class OperatorServer:
    """Listens from its making until ``close``; ``url`` is known before the application is."""

    def __init__(self, port: int) -> None:
        self._server = _Server((_HOST, port), _Handler)
        self.url = f"http://{_HOST}:{self._server.server_port}"
        self._thread: threading.Thread | None = None

    def serve(self, application: Callable[..., Any]) -> None:
        """Answer requests, in a thread."""
        self._server.set_app(application)
        self._thread = threading.Thread(target=self._server.serve_forever, name="operator", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, and give the port back."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join(10)
        self._server.server_close()
