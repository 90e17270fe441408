"""The description is made of the routes that it is given, below the issuer's own path."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from idp.jpki.errors import Rejection, Unverifiable
from idp.oidc.errors import ErrorCode
from idp.presenter.errors import PresenterErrorCode
from idp.web.http import Request, Response
from idp.web.openapi.client_operations import OPERATIONS
from idp.web.openapi.document import openapi_document
from idp.web.openapi.schemas import SCHEMAS
from idp.web.route import Route


def shows(request: Request) -> Response:
    """What a page is for.

    And more that nobody needs to know outside.
    """
    return Response(200)


def described(issuer: str, *routes: Route) -> dict[str, Any]:
    return openapi_document(routes, issuer)


@pytest.mark.parametrize("base", ["", "/idp"])
def test_an_endpoint_is_found_by_its_path_below_the_issuer(base: str) -> None:
    made = described(f"https://id.example{base}", Route("POST", f"{base}/token", shows, "client", "token"))
    assert made["servers"] == [{"url": "https://id.example"}]
    assert list(made["paths"]) == [f"{base}/token"]
    assert made["paths"][f"{base}/token"]["post"]["summary"] == OPERATIONS["POST", "/token"]["summary"]


def test_a_page_describes_itself_by_the_first_line_of_its_handler() -> None:
    made = described("https://id.example", Route("GET", "/account/cards/{card}", shows, "person", "page"))
    item = made["paths"]["/account/cards/{card}"]
    assert item["get"]["summary"] == "What a page is for."
    assert [parameter["name"] for parameter in item["parameters"]] == ["card"]


def test_a_method_that_presenters_may_not_use_is_said_to_be_refused() -> None:
    made = described("https://id.example", Route("PUT", "/card/open", shows, "presenter", "presenter"))
    assert "405" in made["paths"]["/card/open"]["put"]["responses"]
    assert "200" not in made["paths"]["/card/open"]["put"]["responses"]


def test_every_reference_leads_somewhere() -> None:
    routes = [Route(method, path, shows, "client", None) for method, path in OPERATIONS]
    made = described("https://id.example", *routes)
    text = json.dumps(made)
    for kind in ("schemas", "responses"):
        named = {part.partition('"')[0] for part in text.split(f"#/components/{kind}/")[1:]}
        assert named
        assert named <= set(made["components"][kind])
    for operation in OPERATIONS.values():
        assert {"tags", "summary", "responses"} <= set(operation)


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_json_schemas(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Error", {*ErrorCode, "too_many_requests", "not_found"}),
        ("PresenterError", set(PresenterErrorCode)),
        ("CardRefusal", {*Rejection, *Unverifiable}),
    ],
)
def test_an_error_is_one_of_the_codes_that_there_are(name: str, codes: set[str]) -> None:
    """RFC 6749 §5.2; card presenter protocol §3.4."""
    told = SCHEMAS[name]["properties"]["error"]
    assert set(told["enum"]) == {str(code) for code in codes}
    assert not Draft202012Validator(told).is_valid("something_else")
