"""The operator as a WSGI application: who asks, what for, once each, and an answer bound to its request.

Source: docs/platform-operator-api.md.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from idp.clock import Clock, system_clock, to_epoch_seconds
from idp.identifiers import encode_base64url, new_identifier
from idp.sandbox.operator.answers import PURPOSES, OperatorAnswers, QuestionRefused
from idp.sandbox.operator.client_key import CLIENT_ID
from idp.sandbox.operator.misbehaviour import Misbehaviour, drip, wait_long

BASE_PATH: Final = "/idp-operator/v1"
_REQUEST_LIMIT_BYTES: Final = 8192
_REMEMBERED: Final = 10_000
_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    500: "Internal Server Error",
}
StartResponse = Callable[..., Any]


class OperatorApplication:
    """One operator with one client, the sandbox's provider.

    Takes: base_url, as the client's settings have it, for the assertion's audience; misbehaviour, what goes wrong.
    """

    def __init__(
        self,
        answers: OperatorAnswers,
        client_key: ECKey,
        base_url: str,
        *,
        misbehaviour: Misbehaviour = "none",
        clock: Clock = system_clock,
    ) -> None:
        self._answers = answers
        self._client_key = client_key
        self._base_url = base_url
        self._misbehaviour = misbehaviour
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, tuple[str, int, dict[str, Any]]] = OrderedDict()
        self._assertions: OrderedDict[str, None] = OrderedDict()

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        length = environ.get("CONTENT_LENGTH") or "0"
        body = environ["wsgi.input"].read(min(int(length), _REQUEST_LIMIT_BYTES + 1)) if length.isdigit() else b""
        request_hash = encode_base64url(hashlib.sha256(body).digest())
        status, members = self._judge(environ, body, request_hash)
        content = json.dumps(members | {"request_hash": request_hash}, ensure_ascii=False).encode("utf-8")
        return self._send(status, content, start_response)

    def _judge(self, environ: Mapping[str, Any], body: bytes, request_hash: str) -> tuple[int, dict[str, Any]]:
        question: dict[str, Any] = {}
        try:
            operation = self._route(environ)
            question = _parse(body)
            self._check_assertion(str(environ.get("HTTP_AUTHORIZATION", "")), request_hash)
            status, members = self._answer_once(operation, question, request_hash)
        except QuestionRefused as refused:
            status, members = refused.status, {"error": refused.code}
        check_id = question.get("check_id")
        return status, members | {"check_id": check_id if isinstance(check_id, str) else ""}

    def _route(self, environ: Mapping[str, Any]) -> str:
        operation = str(environ.get("PATH_INFO", "")).removeprefix(f"{BASE_PATH}/")
        if operation not in PURPOSES:
            raise QuestionRefused(404, "invalid_request")
        if environ.get("REQUEST_METHOD") != "POST":
            raise QuestionRefused(405, "invalid_request")
        return operation

    def _answer_once(
        self, operation: str, question: Mapping[str, Any], request_hash: str
    ) -> tuple[int, dict[str, Any]]:
        check_id = str(question.get("check_id"))
        with self._lock:
            known = self._asked.get(check_id)
            if known is not None and known[0] != request_hash:
                raise QuestionRefused(409, "check_id_reused")
            if known is not None:
                return known[1], known[2]
            status, members = 200, self._answers.answer(CLIENT_ID, operation, question, self._now())
            self._asked[check_id] = (request_hash, status, members)
            if len(self._asked) > _REMEMBERED:
                self._asked.popitem(last=False)
        return status, members

    def _check_assertion(self, authorization: str, request_hash: str) -> None:
        now = to_epoch_seconds(self._now())
        try:
            token = jwt.decode(authorization.removeprefix("Bearer "), self._client_key, algorithms=["ES256"])
        except (JoseError, ValueError, TypeError):
            raise QuestionRefused(401, "unauthenticated") from None
        claims = token.claims
        expected = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": self._base_url, "request_hash": request_hash}
        is_ours = all(claims.get(name) == value for name, value in expected.items())
        expires, jti = claims.get("exp"), claims.get("jti")
        if not is_ours or type(expires) is not int or not now < expires <= now + 120 or not isinstance(jti, str):
            raise QuestionRefused(401, "unauthenticated")
        with self._lock:
            if jti in self._assertions:
                raise QuestionRefused(401, "unauthenticated")
            self._assertions[jti] = None
            if len(self._assertions) > _REMEMBERED:
                self._assertions.popitem(last=False)

    def _send(self, status: int, content: bytes, start_response: StartResponse) -> Iterable[bytes]:
        wrong = self._misbehaviour
        if wrong == "late":
            wait_long()
        elif wrong == "error":
            status = 500
        elif wrong == "refused":
            status, content = 403, _change(content, error="not_entitled")
        elif wrong == "garbage":
            content = b"<html>Under maintenance</html>"
        elif wrong == "wrong-person" and b'"person_id"' in content:
            content = _change(content, person_id=new_identifier())
        elif wrong == "other-request":
            content = _change(content, request_hash=new_identifier())
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        start_response(f"{status} {_REASONS.get(status, 'Error')}", headers)
        return drip(content) if wrong == "slow" else [content]

    def _now(self) -> datetime:
        return self._clock()


def _parse(body: bytes) -> dict[str, Any]:
    try:
        question = json.loads(body) if len(body) <= _REQUEST_LIMIT_BYTES else None
    except (ValueError, RecursionError):
        question = None
    if not isinstance(question, dict):
        raise QuestionRefused(400, "invalid_request")
    return question


def _change(content: bytes, **members: str) -> bytes:
    return json.dumps(json.loads(content) | members).encode("utf-8")
