"""Names resolved under a deadline, for the machine's resolver has none: who owns a name says how slow its server is.

The question runs beside the caller, in a thread of its own. Nobody can end it, so there are so many at a time and no
more; what nobody waits for any longer is forgotten when it comes.
"""

import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

Resolver = Callable[[str, int], Sequence[str]]

MOST_AT_ONCE: Final = 8


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the machine's resolver says."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class NameResolution:
    """Asks a resolver, in time or not at all."""

    def __init__(self, resolver: Resolver = resolve, most_at_once: int = MOST_AT_ONCE) -> None:
        self._resolver = resolver
        self._slots = threading.BoundedSemaphore(most_at_once)

    def find_addresses(self, host: str, port: int, deadline: float) -> Sequence[str]:
        """The addresses of a name.

        Takes:  deadline, of ``time.monotonic``.
        Raises: OSError, of which TimeoutError is one: no such name; no answer in time; too many are still waited for.
                UnicodeError: no name at all.
        """
        if not self._slots.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise TimeoutError("too many names are being resolved")
        answers: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()
        asking = threading.Thread(target=self._ask, args=(host, port, answers), name="resolve", daemon=True)
        try:
            asking.start()
        except RuntimeError as error:
            self._slots.release()
            raise OSError("no thread to resolve a name in") from error
        try:
            answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise TimeoutError("the name was not resolved in time") from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _ask(self, host: str, port: int, answers: "queue.SimpleQueue[Sequence[str] | Exception]") -> None:
        try:
            answers.put(self._resolver(host, port))
        except Exception as error:  # raised again where the caller waits, whatever it is
            answers.put(error)
        finally:
            self._slots.release()
