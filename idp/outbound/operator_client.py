"""Asking a platform operator: one configured address, bounded in time, size and number, and left alone when it is down.

Source: docs/platform-operator-api.md.
"""

import hashlib
import json
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import httpx

from idp.clock import Clock, system_clock
from idp.identifiers import encode_base64url
from idp.outbound.circuit_breaker import BreakerOpen, CircuitBreaker
from idp.outbound.connection_deadline import ending_at
from idp.outbound.operator_answer import ANSWER_LIMIT_BYTES, check_answers_request, parse_answer
from idp.outbound.operator_credentials import AssertionSigner
from idp.outbound.operator_errors import OperatorFailed, OperatorRefused

# Told of each question: the operation, how it ended, and after how many seconds. Counters and histograms hang on it.
Observe = Callable[[str, str, float], None]

_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 1.0
_TEMPORARY: Final = frozenset({429, 500, 502, 503, 504})
REFUSALS: Final = frozenset(
    {
        "invalid_request",
        "unauthenticated",
        "not_entitled",
        "consent_required",
        "unknown_certificate",
        "check_id_reused",
        "person_ended",
    }
)


@dataclass(frozen=True, slots=True)
class OperatorLimits:
    """How long one question may take in all, retries included, and how often it is put."""

    total_seconds: float = 5.0
    attempts: int = 3


class Chance(NamedTuple):
    """Time and chance, so that tests have neither."""

    clock: Clock = system_clock
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random


def ignore(operation: str, outcome: str, seconds: float) -> None:
    """An observer that looks away."""


class OperatorClient:
    """One operator. Every call has a connection of its own, so that workers may fork and nothing is shared.

    Takes: url, the base address without a slash at the end; signer, None with mutual TLS; transport, tests' own.
    """

    def __init__(
        self,
        url: str,
        breaker: CircuitBreaker,
        *,
        signer: AssertionSigner | None = None,
        tls: ssl.SSLContext | None = None,
        limits: OperatorLimits = OperatorLimits(),
        observe: Observe = ignore,
        chance: Chance = Chance(),  # noqa: B008 - immutable
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._url = url
        self._breaker = breaker
        self._signer = signer
        self._tls = tls
        self._limits = limits
        self._observe = observe
        self._chance = chance
        self._transport = transport

    def ask(self, operation: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """Put a question and return its answer, which is the answer to this request; its members are unverified.

        Takes:   operation, the last step of the path; members with ``check_id``, by which the operator knows a
                 repetition: a retry cannot make two of anything.
        Raises:  OperatorFailed: no usable answer in time. OperatorRefused: the operator says no.
        """
        begun = self._chance.monotonic()
        try:
            self._breaker.check_admitted()
            answer = self._try(operation, members, begun + self._limits.total_seconds)
        except BreakerOpen:
            self._observe(operation, "breaker_open", 0.0)
            raise OperatorFailed("breaker_open") from None
        except OperatorFailed as failure:
            self._breaker.record_failure()
            self._observe(operation, failure.code, self._chance.monotonic() - begun)
            raise
        except OperatorRefused as refusal:
            self._breaker.record_success()
            self._observe(operation, refusal.code, self._chance.monotonic() - begun)
            raise
        self._breaker.record_success()
        self._observe(operation, "answered", self._chance.monotonic() - begun)
        return answer

    def _try(self, operation: str, members: Mapping[str, Any], deadline: float) -> Mapping[str, Any]:
        body = json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return self._exchange(operation, body, str(members["check_id"]), deadline)
            except OperatorFailed as failure:
                pause = self._pause_seconds(failure, attempt)
                if pause is None or self._chance.monotonic() + pause >= deadline:
                    raise
                self._chance.sleep(pause)
        raise OperatorFailed("late")

    def _pause_seconds(self, failure: OperatorFailed, attempt: int) -> float | None:
        if failure.retry_after_seconds is None or attempt >= self._limits.attempts:
            return None
        # Full jitter, so that workers who failed together do not come back together.
        longest = min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * float(2**attempt))
        return failure.retry_after_seconds + self._chance.random() * longest

    def _exchange(self, operation: str, body: bytes, check_id: str, deadline: float) -> Mapping[str, Any]:
        request_hash = encode_base64url(hashlib.sha256(body).digest())
        status, retry_after, content = self._send(operation, body, request_hash, deadline)
        if status in _TEMPORARY:
            raise OperatorFailed(f"status_{status}", retry_after)
        if status != httpx.codes.OK and not 400 <= status < 500:
            raise OperatorFailed(f"status_{status}")
        answer = parse_answer(content)
        check_answers_request(answer, check_id, request_hash)
        if status == httpx.codes.OK:
            return answer
        code = answer.get("error")
        if not isinstance(code, str) or code not in REFUSALS:
            raise OperatorFailed(f"status_{status}")
        raise OperatorRefused(code)

    def _send(self, operation: str, body: bytes, request_hash: str, deadline: float) -> tuple[int, float, bytes]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
        if self._signer is not None:
            headers["Authorization"] = self._signer.sign(request_hash, self._chance.clock())
        left = deadline - self._chance.monotonic()
        if left <= 0:
            raise OperatorFailed("late")
        try:
            with (
                ending_at(deadline, self._chance.monotonic) as end,
                httpx.Client(
                    transport=self._transport,
                    verify=self._tls if self._tls is not None else True,
                    timeout=left,
                    trust_env=False,
                    follow_redirects=False,
                ) as client,
                client.stream(
                    "POST",
                    f"{self._url}/{operation}",
                    content=body,
                    headers=headers,
                    extensions={"trace": end.saw_event},
                ) as response,
            ):
                content = _read_limited(response, lambda: self._chance.monotonic() > deadline)
                return response.status_code, _retry_after(response), content
        except httpx.TimeoutException:
            raise OperatorFailed("late") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as fault:
            raise OperatorFailed("late" if end.has_ended else f"network_{type(fault).__name__}", 0.0) from None


def _read_limited(response: httpx.Response, is_late: Callable[[], bool]) -> bytes:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise OperatorFailed("encoded")
    data = bytearray()
    for chunk in response.iter_raw():
        data += chunk
        if len(data) > ANSWER_LIMIT_BYTES:
            raise OperatorFailed("too_long")
        if is_late():
            raise OperatorFailed("late")
    return bytes(data)


def _retry_after(response: httpx.Response) -> float:
    text = response.headers.get("Retry-After", "0")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0
