"""The vocabulary of an operation: bodies, answers and the errors that every caller of one kind may get.

Source: OpenAPI 3.1.0 §4.8.10 (Operation Object).
"""

from typing import Any, Final

from idp.web.route import Audience

Operation = dict[str, Any]
_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"

# What can happen to any request before its handler sees it, and when a store does not answer.
_ANY_REQUEST: Final = {
    400: "The request cannot be read, or a parameter is missing, malformed or there twice.",
    413: "The body is too large.",
    414: "The query is too large.",
    429: "Too many requests; `Retry-After` says when to come back.",
    431: "The headers are too large.",
    500: "A fault of ours; the reference is in the log.",
    503: "The provider cannot answer now; `Retry-After` says when to come back.",
}
_PAGE_REFUSALS: Final = {
    403: "Another browser than the one that began, or a form without its token.",
    404: "There is no such page.",
    409: "The service changed its registration meanwhile.",
    410: "The sign-in has ended or expired.",
}
_PRESENTER_REFUSALS: Final = {
    401: "The handle or the secret opens nothing.",
    403: "The request comes from a page of a browser.",
    409: "Not opened yet, or a proof is being checked.",
    410: "Another presenter opened it, or the transaction has ended.",
    415: "The body is not JSON.",
}
_OF_AUDIENCE: Final[dict[Audience, dict[int, str]]] = {
    "client": {},
    "machine": {},
    "presenter": _PRESENTER_REFUSALS,
    "person": _PAGE_REFUSALS,
}
_OF_ONE_ENDPOINT: Final = {
    401: "The client, or the token, did not prove itself; where a DPoP proof lacks its nonce, `DPoP-Nonce` has one.",
    403: "The token does not reach this far.",
    404: "There is nothing under this name for this client.",
}


def operation_id(method: str, path: str) -> str:
    """What an operation is called, by its method and its path below the issuer."""
    return f"{method.lower()} {path}"


def reference(schema: str) -> dict[str, str]:
    """A reference to a schema of ``schemas.SCHEMAS``."""
    return {"$ref": f"#/components/schemas/{schema}"}


def answer(description: str, schema: str | None = None, *, media_type: str = _JSON) -> dict[str, Any]:
    """One answer; without a schema it has no body."""
    if schema is None:
        return {"description": description}
    return {"description": description, "content": {media_type: {"schema": reference(schema)}}}


def answer_or_jwt(description: str, schema: str, media_type: str = "application/jwt") -> dict[str, Any]:
    """One answer as JSON, or as a JWT for a client that is registered for it."""
    as_jwt = {media_type: {"schema": reference("Jwt")}}
    return {"description": description, "content": {_JSON: {"schema": reference(schema)}} | as_jwt}


def page(description: str) -> dict[str, Any]:
    """An answer that is an HTML page."""
    return answer(description, "Page", media_type="text/html")


def redirect(description: str) -> dict[str, Any]:
    """A 303 with its ``Location``."""
    location = {"description": "Where to go on.", "required": True, "schema": {"type": "string"}}
    return {"description": description, "headers": {"Location": location}}


def form_body(schema: str) -> dict[str, Any]:
    """A body that is a form of a schema."""
    return {"required": True, "content": {_FORM: {"schema": reference(schema)}}}


def json_body(schema: str) -> dict[str, Any]:
    """A body that is JSON of a schema."""
    return {"required": True, "content": {_JSON: {"schema": reference(schema)}}}


def header_parameter(name: str, description: str) -> dict[str, Any]:
    """A header that need not be there."""
    return {"name": name, "in": "header", "required": False, "description": description, "schema": {"type": "string"}}


def query_parameters(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The properties of an object schema as parameters of the query."""
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": described}
        for name, described in schema["properties"].items()
    ]


def refusals(audience: Audience, *also: int) -> dict[int, dict[str, Any]]:
    """The errors that a caller may get from any endpoint for its kind; ``also`` adds statuses of this endpoint."""
    statuses = {*_ANY_REQUEST, *_OF_AUDIENCE[audience], *also}
    return {status: {"$ref": f"#/components/responses/{audience}-{status}"} for status in sorted(statuses)}


def shared_responses() -> dict[str, dict[str, Any]]:
    """What ``refusals`` refers to, by name."""
    return {
        f"{audience}-{status}": _refusal(audience, text)
        for audience, own in _OF_AUDIENCE.items()
        for status, text in (_OF_ONE_ENDPOINT | _ANY_REQUEST | own).items()
    }


def _refusal(audience: Audience, text: str) -> dict[str, Any]:
    if audience == "person":
        return page(text)
    return answer(text, "PresenterError" if audience == "presenter" else "Error")
