"""Where the numbers are read: a listener apart from the public address."""

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector


class MetricsListener:
    """The numbers on an address of their own: whichever worker gets the port shows those of all."""

    def __init__(self, bind: str, *, is_multiprocess: bool) -> None:
        host, _, port = bind.rpartition(":")
        self._host = host.removeprefix("[").removesuffix("]")
        self._port = int(port)
        self._is_multiprocess = is_multiprocess
        self._is_listening = False

    def try_listen(self) -> bool:
        """Take the port if nobody has it; another worker does after this one has ended."""
        if self._is_listening:
            return True
        try:
            if self._is_multiprocess:
                registry = CollectorRegistry()
                MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it untyped
                start_http_server(self._port, self._host, registry)
            else:
                start_http_server(self._port, self._host)
        except OSError:
            return False
        self._is_listening = True
        return True
