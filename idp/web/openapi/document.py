"""The whole description, made of the routes that this installation has.

Source: OpenAPI 3.1.0 §4.8.1 (OpenAPI Object), §4.8.8 (Paths Object).
"""

import inspect
import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import urlsplit

from idp.web.openapi.client_operations import (
    OPERATIONS,
    file_operation,
    page_operation,
    refused_operation,
)
from idp.web.openapi.links import LINKS
from idp.web.openapi.operation import Operation, operation_id, shared_responses
from idp.web.openapi.schemas import SCHEMAS
from idp.web.route import Route

_VARIABLE: Final = re.compile(r"\{(\w+)\}")
_FILE_TYPES: Final = {".css": "text/css", ".svg": "image/svg+xml"}
_SECURITY: Final = {
    "clientSecretBasic": {"type": "http", "scheme": "basic", "description": "RFC 6749 §2.3.1"},
    "accessToken": {"type": "http", "scheme": "bearer", "description": "RFC 6750 §2.1"},
    "initialAccessToken": {"type": "http", "scheme": "bearer", "description": "RFC 7591 §3"},
    "registrationAccessToken": {"type": "http", "scheme": "bearer", "description": "RFC 7592 §2"},
    "clientAssertion": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "RFC 7523 §3"},
    "handle": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Handle {handle}"},
}
_ABOUT: Final = (
    "An OpenID Provider: sign in with the Japanese My Number Card. Clients begin at the metadata document; pages are "
    "listed for completeness. The process's numbers have a listener of their own and are not in here."
)


def openapi_document(routes: Iterable[Route], issuer: str) -> dict[str, Any]:
    """The description of these routes, and of no others.

    Takes: routes, with the issuer's own path before those that are below it.
    """
    parts = urlsplit(issuer)
    host = f"{parts.scheme}://{parts.netloc}"
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        described = paths.setdefault(route.path, _path_item(route.path))
        described[route.method.lower()] = _operation(route, parts.path)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sign in with My Number Card", "version": version("mynumber-idp"), "description": _ABOUT},
        "servers": [{"url": host}],
        "paths": paths,
        "components": {"schemas": SCHEMAS, "responses": shared_responses(), "securitySchemes": _SECURITY},
    }


def _path_item(path: str) -> dict[str, Any]:
    names = _VARIABLE.findall(path)
    parameters = [{"name": n, "in": "path", "required": True, "schema": {"type": "string"}} for n in names]
    return {"parameters": parameters} if parameters else {}


def _operation(route: Route, base: str) -> Operation:
    path = route.path.removeprefix(base)
    described = OPERATIONS.get((route.method, path)) or _describe_itself(route, path)
    links = {status: {"links": found} for status, found in LINKS.get((route.method, path), {}).items()}
    # Statuses are numbers here and names there.
    responses = {str(s): {**answered, **links.get(s, {})} for s, answered in sorted(described["responses"].items())}
    return {**described, "operationId": operation_id(route.method, path), "responses": responses}


def _describe_itself(route: Route, path: str) -> Operation:
    if route.audience == "presenter":
        return refused_operation(path)
    for ending, media_type in _FILE_TYPES.items():
        if path.endswith(ending):
            return file_operation("A file of the pages", media_type)
    told = (inspect.getdoc(route.handler) or path).partition("\n")[0]
    return page_operation(told)
