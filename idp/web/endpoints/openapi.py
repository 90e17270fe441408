"""``GET /openapi.json``: the description of every route of this installation, itself included."""

import json
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from idp.web.endpoints.metadata import json_document
from idp.web.openapi.client_operations import OPENAPI_PATH
from idp.web.openapi.document import openapi_document
from idp.web.route import Route


def describing_route(routes: Sequence[Route], issuer: str) -> Route:
    """The route that serves the description of these routes and of its own."""
    own = Route("GET", urlsplit(issuer).path + OPENAPI_PATH, json_document(b""), "client", "metadata")
    body = json.dumps(openapi_document([*routes, own], issuer), indent=1).encode("ascii")
    return replace(own, handler=json_document(body))
