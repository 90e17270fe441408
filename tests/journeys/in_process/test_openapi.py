"""The OpenAPI description and what is answered: every route is in it, and whatever is sent, nothing else comes back."""

import base64
import json
from collections.abc import Callable, Iterator, MutableMapping
from itertools import zip_longest
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import Client, TestResponse

from idp.web.application import WebParts, make_site
from idp.web.openapi.client_operations import OPERATIONS
from idp.web.route import Route
from idp.web.routes import make_routes
from tests.support.provider import Provider, make_provider
from tests.support.relying_party import RelyingParty

EXAMPLES = 20
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    running = make_provider(tmp_path_factory.mktemp("openapi"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def described(sandbox: Provider) -> Any:
    return schemathesis.openapi.from_wsgi("/openapi.json", sandbox.app)


@pytest.mark.parametrize("tag", ["client", "metadata", "presenter", "machine", "page"])
def test_whatever_a_stranger_sends_the_answer_is_one_of_the_description(described: Any, tag: str) -> None:
    """No 5xx, no status, no content type, no member that the description does not have."""
    chosen = [operation for operation in all_operations(described) if tag in operation.tags]
    assert chosen
    for operation in chosen:
        send_whatever(operation, lambda case: None)


@pytest.mark.parametrize(
    ("label", "reached"),
    [
        ("GET /authorize", {303}),
        ("POST /authorize", {303}),
        ("POST /token", {400}),
        ("GET /userinfo", {200}),
        ("POST /userinfo", {200}),
        ("POST /revoke", {200}),
        ("POST /par", {400}),
        ("POST /introspect", {200}),
        ("GET /register/{client_id}", {200}),
        ("PUT /register/{client_id}", {400}),
        ("GET /end-session", {200}),
        ("POST /end-session", {303}),
        ("POST /end-session/confirm", {403}),
        ("POST /sandbox/register", {403}),
        ("GET /sandbox/requests", {200}),
        ("POST /sandbox/requests", {403}),
        ("POST /sandbox/requests/leave", {403}),
        ("GET /sandbox/errors", {200}),
        ("POST /card/open", {200, 400}),
        ("POST /card/proof", {400}),
        ("POST /card/cancel", {400}),
        ("GET /login/{tx}", {200}),
        ("POST /login/{tx}/consent", {403}),
        ("GET /sandbox/{tx}", {200}),
        ("POST /sandbox/{tx}", {403}),
        ("GET /account", {200}),
        ("GET /account/cards/{credential_id}", {404}),
        ("GET /account/attach", {200}),
        ("GET /account/request", {200}),
    ],
)
def test_whatever_an_insider_sends_the_answer_is_one_of_the_description(
    sandbox: Provider, described: Any, label: str, reached: set[int]
) -> None:
    """The same from somebody with what nobody guesses: a client's secret, a token, a handle, cookies of a sign-in."""
    (operation,) = [operation for operation in all_operations(described) if operation.label == label]
    insider = Insider(sandbox)
    answered = send_whatever(operation, insider.fill)
    assert reached <= answered


def all_operations(described: Any) -> list[schemathesis.APIOperation]:
    return [found.ok() for found in described.get_all_operations()]


def send_whatever(operation: schemathesis.APIOperation, fill: Callable[[schemathesis.Case], None]) -> set[int]:
    """Requests after the description, and requests that break it; the statuses that came back."""
    answered: set[int] = set()

    @given(case=st.one_of(operation.as_strategy(), operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)))
    @settings(max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck))
    def send(case: schemathesis.Case) -> None:
        fill(case)
        response = case.call_and_validate(checks=CHECKS)
        answered.add(response.status_code)

    send()
    return answered


def test_an_answer_that_is_not_described_is_found(sandbox: Provider) -> None:
    """The judge itself: a description without the status that comes is refused."""
    lying = document(sandbox)
    lying["paths"]["/livez"]["get"]["responses"] = {"204": {"description": "not what comes"}}

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] != "/openapi.json":
            return sandbox.app(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(lying).encode()]

    read = schemathesis.openapi.from_wsgi("/openapi.json", app)
    (operation,) = [found for found in all_operations(read) if found.label == "GET /livez"]
    with pytest.raises(FailureGroup):
        send_whatever(operation, lambda case: None)


class Insider:
    """What somebody who is in the middle of a sign-in holds, to be put into requests that were made at random."""

    def __init__(self, provider: Provider) -> None:
        self._party = provider.relying_party()
        signed_in = provider.browser()
        self._token = self._party.sign_in(signed_in)["access_token"]
        self._session = signed_in.cookies
        self._begun = provider.browser()
        self._begun.authorize(self._party.request())
        http = Client(provider.app, use_cookies=False)
        self._registered = http.post("/register", json={"redirect_uris": [self._party.client.redirect_uris[0]]}).json

    def fill(self, case: schemathesis.Case) -> None:
        """Replace what the operation needs most."""
        label = case.operation.label
        if label.endswith(" /authorize"):
            given = self._party.request()
            put(case.query if label.startswith("GET") else case.body, given, "client_id", "redirect_uri")
            if isinstance(case.body, dict):
                put(case.body, given, "response_type", "scope", "code_challenge", "code_challenge_method")
            else:
                put(case.query, given, "response_type", "scope", "code_challenge", "code_challenge_method")
            for target in (case.query, case.body):
                if isinstance(target, MutableMapping):
                    # Either stands for all other parameters, and would be refused before they are read.
                    target.pop("request", None)
                    target.pop("request_uri", None)
        elif label.endswith((" /token", " /revoke", " /par", " /introspect")):
            basic = base64.b64encode(f"{self._party.client.client_id}:{self._party.secret}".encode()).decode()
            case.headers["Authorization"] = f"Basic {basic}"
            if isinstance(case.body, dict):
                for name in ("client_id", "client_secret", "client_assertion", "client_assertion_type"):
                    case.body.pop(name, None)
        elif label.endswith(" /userinfo"):
            case.headers["Authorization"] = f"Bearer {self._token}"
            case.headers.pop("DPoP", None)
            case.body = NOT_SET
        elif label.endswith(" /register/{client_id}"):
            case.path_parameters["client_id"] = self._registered["client_id"]
            case.headers["Authorization"] = f"Bearer {self._registered['registration_access_token']}"
            if isinstance(case.body, dict):
                case.body["client_id"] = self._registered["client_id"]
        elif "/card/" in label:
            case.headers["Authorization"] = f"Handle {self._begun.handle}"
        elif "{tx}" in label:
            case.path_parameters["tx"] = self._begun.tx
            case.cookies = dict(self._begun.cookies)
        elif "/account" in label or "/end-session" in label:
            case.cookies = dict(self._session)


def put(target: Any, values: dict[str, str], *names: str) -> None:
    """Put some of the values into a request, where it has an object at all."""
    if isinstance(target, MutableMapping):
        target.update({name: values[name] for name in names})


def document(provider: Provider) -> dict[str, Any]:
    described: dict[str, Any] = Client(provider.app).get("/openapi.json").get_json()
    return described


def routes_of(provider: Provider) -> list[Route]:
    parts = provider.parts
    web = WebParts(
        settings=provider.settings,
        clock=provider.clock,
        signin=parts.signin_parts(),
        transient=parts.transient,
        signer=parts.key_ring,
        sealer=parts.sealer,
        patient=parts.patient,
        registrations=parts.client_registrations,
        sectors=parts.sectors,
        sandbox_cards=provider.cards,
        journal=parts.journal,
        notes=parts.durable,
    )
    return make_routes(web, make_site(web))


def operations(described: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, item in described["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def test_every_route_is_in_the_description_and_nothing_else(provider: Provider) -> None:
    routes = {(route.method, route.path) for route in routes_of(provider)}
    assert set(operations(document(provider))) == routes
    assert set(OPERATIONS) <= routes


def test_every_endpoint_for_a_program_has_an_entry_of_its_own(provider: Provider) -> None:
    """A page describes itself; for a client's endpoint write one entry in idp/web/openapi/client_operations.py."""
    missing = [
        (route.method, route.path)
        for route in routes_of(provider)
        if route.audience in ("client", "machine") and (route.method, route.path) not in OPERATIONS
    ]
    assert missing == []


def test_operations_are_told_apart(provider: Provider) -> None:
    described = operations(document(provider))
    assert len({operation["operationId"] for operation in described.values()}) == len(described)
    assert all(operation["summary"] for operation in described.values())


def test_a_method_that_is_not_described_is_refused_with_those_that_are(sandbox: Provider) -> None:
    """RFC 9110 §15.5.6; a program is told in JSON."""
    client = Client(sandbox.app, use_cookies=False)
    programs = {route.path for route in routes_of(sandbox) if route.audience in ("client", "machine")}
    everything = operations(document(sandbox))
    for path in dict.fromkeys(path for _, path in everything):
        # A path that another one's variable covers has that one's methods too.
        described = {method for method, other in everything if fits(other, path)}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - described:
            answer = client.open(path.replace("{", "").replace("}", ""), method=method)
            assert answer.status_code == 405, (method, path)
            assert described <= set(answer.headers["Allow"].split(", "))
            assert answer.is_json is (path in programs), path


def fits(template: str, path: str) -> bool:
    """Whether a path is one of a template's."""
    pairs = list(zip_longest(template.split("/"), path.split("/")))
    return all(a is not None and b is not None and (a == b or a.startswith("{")) for a, b in pairs)


def answer_of(described: dict[str, Any], method: str, path: str, status: int) -> dict[str, Any]:
    """What is said of an answer, found by the address that was asked."""
    for (its_method, its_path), operation in operations(described).items():
        if its_method == method and fits(its_path, path) and str(status) in operation["responses"]:
            told: dict[str, Any] = operation["responses"][str(status)]
            name = told.get("$ref", "").rpartition("/")[2]
            return described["components"]["responses"][name] if name else told
    raise AssertionError(f"{method} {path} answered {status}, which is not described")


def check_described(described: dict[str, Any], method: str, path: str, answer: TestResponse) -> None:
    """Status, media type and, of JSON, the members."""
    told = answer_of(described, method, path, answer.status_code)
    if answer.is_json:
        schema = told["content"][answer.mimetype]["schema"]
        validator = Draft202012Validator({**schema, "components": described["components"]})
        assert list(validator.iter_errors(answer.get_json())) == []
    elif answer.get_data():
        assert answer.mimetype in told["content"]


def test_the_life_of_a_registration_answers_as_described(provider: Provider) -> None:
    described = document(provider)
    http = Client(provider.app, use_cookies=False)
    metadata = {"redirect_uris": ["https://rp.example/callback"], "client_name": "A site"}
    made = http.post("/register", json=metadata)
    one = f"/register/{made.get_json()['client_id']}"
    allowed = {"Authorization": f"Bearer {made.get_json()['registration_access_token']}"}
    changed = metadata | {"client_id": made.get_json()["client_id"]}
    seen = [
        ("POST", "/register", made),
        ("POST", "/register", http.post("/register", json={"redirect_uris": ["http://rp.example/callback"]})),
        ("GET", one, http.get(one, headers=allowed)),
        ("PUT", one, http.put(one, headers=allowed, json=changed)),
        ("GET", one, http.get(one)),
        ("DELETE", one, http.delete(one, headers=allowed)),
        ("GET", one, http.get(one, headers=allowed)),
    ]
    assert [answer.status_code for *_, answer in seen] == [201, 400, 200, 200, 401, 204, 401]
    for method, path, answer in seen:
        check_described(described, method, path, answer)


def test_a_whole_sign_in_answers_as_described(provider: Provider, relying_party: RelyingParty) -> None:
    described = document(provider)
    browser = provider.browser()
    tokens = relying_party.sign_in(browser, scope="openid")
    seen = [(method, path.partition("?")[0], answer) for method, path, answer in browser.seen]
    seen.append(("GET", "/userinfo", relying_party.userinfo(tokens["access_token"])))
    seen.append(("POST", "/introspect", relying_party.post("/introspect", {"token": tokens["access_token"]})))
    seen.append(("POST", "/revoke", relying_party.post("/revoke", {"token": tokens["access_token"]})))
    seen.append(("POST", "/introspect", relying_party.post("/introspect", {"token": tokens["access_token"]})))
    seen.append(("POST", "/par", relying_party.push()))
    seen.append(("POST", "/par", relying_party.push(response_type="token")))
    seen.append(("GET", "/userinfo", relying_party.userinfo(tokens["access_token"])))
    statuses = {answer.status_code for *_, answer in seen}
    assert {200, 201, 303, 400, 401} <= statuses
    for method, path, answer in seen:
        check_described(described, method, path, answer)
    tokens_told = {"$ref": "#/components/schemas/TokenAnswer", "components": described["components"]}
    assert list(Draft202012Validator(tokens_told).iter_errors(tokens)) == []
