"""A platform operator that answers as a test wants it to, without a network."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx

from idp.identifiers import encode_base64url
from idp.outbound.circuit_breaker import CircuitBreaker
from idp.outbound.operator_client import Chance, OperatorClient, OperatorLimits

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
URL = "https://operator.example/idp/v1"
Handler = Callable[[httpx.Request], httpx.Response]


class FakeTime:
    """Monotonic seconds that pass while somebody sleeps, and on demand."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


class Scene:
    """A client, its breaker, and what went on between them and the operator."""

    def __init__(self, *answers: Any, limits: OperatorLimits | None = None, failures_to_open: int = 3) -> None:
        self.time = FakeTime()
        self.requests: list[httpx.Request] = []
        self.observed: list[tuple[str, str]] = []
        self._answers = list(answers)
        self.breaker = CircuitBreaker(failures_to_open, 30, self.time.monotonic)
        self.client = OperatorClient(
            URL,
            self.breaker,
            limits=limits or OperatorLimits(5.0, 3),
            observe=lambda operation, outcome, _: self.observed.append((operation, outcome)),
            chance=Chance(lambda: NOW, self.time.monotonic, self.time.sleep, lambda: 0.5),
            transport=httpx.MockTransport(self._answer),
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answered: httpx.Response = answer(request)
            return answered
        return answer  # type: ignore[no-any-return]


def answering(status: int = 200, **members: Any) -> Handler:
    """An answer to the request as it came."""

    def answer(request: httpx.Request) -> httpx.Response:
        body = request.content
        bound = {
            "check_id": json.loads(body)["check_id"],
            "request_hash": encode_base64url(hashlib.sha256(body).digest()),
            "this_update": "2026-11-22T02:59:00Z",
            "source": "ocsp",
        }
        return httpx.Response(status, stream=httpx.ByteStream(json.dumps(bound | members).encode()))

    return answer


def raw(content: bytes, status: int = 200, **headers: str) -> Handler:
    """These bytes, whatever was asked."""
    return lambda _: httpx.Response(status, stream=httpx.ByteStream(content), headers=headers)


class Trickle(httpx.SyncByteStream):
    """A byte now and then, for ever."""

    def __init__(self, time: FakeTime) -> None:
        self._time = time

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self._time.seconds += 1
            yield b" "
