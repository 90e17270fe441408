"""The description's links, walked by schemathesis's state machine: they lead on, and nothing undescribed comes back."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from werkzeug.test import Client

from idp.web.security_headers import WsgiApplication
from tests.support.link_walker import Way, walk_links
from tests.support.presenter_double import FORMAT, PresenterDouble
from tests.support.provider import Provider, make_provider
from tests.support.relying_party import RelyingParty

READ, UPDATE, REMOVE = (f"{method} /register/{{client_id}}" for method in ("GET", "PUT", "DELETE"))
REGISTERED, PUSHED, ASKED = ("POST /register", 201), ("POST /par", 201), ("GET /authorize", 303)
TOKENS, OPENED = ("POST /token", 200), ("POST /card/open", 200)
CALLBACK = "https://links.example/callback"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    running = make_provider(tmp_path_factory.mktemp("links"))
    yield running
    running.close()


class Stranger:
    """Somebody who has nothing but the description, and fills in the one form that is open to everybody."""

    def prepare(self, case: schemathesis.Case) -> None:
        if is_meant_well(case) and case.operation.path.startswith("/register"):
            register(case, redirect_uris=[CALLBACK])

    def learn(self, case: schemathesis.Case, answer: Response) -> None:
        """Remember nothing: what goes on from here, the links say."""


class Insider:
    """A registered client with a person who signs in, and a card app: what they know is put in, the rest is links."""

    def __init__(self, provider: Provider, party: RelyingParty) -> None:
        self._provider = provider
        self._party = party
        self._secrets: dict[str, str] = {party.client.client_id: str(party.secret)}
        self._codes: list[tuple[str, str]] = []
        self._owners: dict[str, str] = {}
        self._presenters: dict[str, PresenterDouble] = {}
        self._proofs = 0

    def prepare(self, case: schemathesis.Case) -> None:
        what = case.operation.label.rpartition(" ")[2]
        body = case.body if isinstance(case.body, dict) else {}
        if not is_meant_well(case):
            return
        if what.startswith("/register"):
            grant_types = ["authorization_code", "refresh_token"]
            register(case, redirect_uris=[CALLBACK], scope="openid offline_access", grant_types=grant_types)
        elif what == "/par":
            client_id = self._prove(case, body.get("client_id"))
            case.body = self._request(client_id)
        elif what == "/authorize":
            self._ask(case)
        elif what == "/token":
            self._redeem(case, body)
        elif what in ("/introspect", "/revoke"):
            self._prove(case, self._owners.get(str(body.get("token"))))
            case.body = {name: body[name] for name in ("token", "token_type_hint") if name in body}
        elif what == "/userinfo":
            case.headers.pop("DPoP", None)
            case.body = NOT_SET
        elif what == "/end-session":
            case.query = {name: value for name, value in case.query.items() if name == "id_token_hint"}
        elif "/card/" in what:
            self._present(case, what)

    def learn(self, case: schemathesis.Case, answer: Response) -> None:
        label, status = case.operation.label, answer.status_code
        if label.endswith(" /authorize") and status == 303:
            self._sign_in(case, answer)
        elif label == "POST /register" and status == 201:
            made = answer.json()
            self._secrets[made["client_id"]] = made["client_secret"]
        elif label == "POST /token" and status == 200:
            client_id = base64.b64decode(case.headers["Authorization"].split()[1]).decode().partition(":")[0]
            self._owners |= dict.fromkeys((answer.json()["access_token"], answer.json()["refresh_token"]), client_id)
        elif label.startswith("POST /card/") and status in (200, 422):
            told = answer.json()
            presenter = self._presenters.get(case.headers["Authorization"])
            if presenter is not None:
                presenter.nonce = told.get("nonce") or told.get("next_nonce") or presenter.nonce
                presenter.transaction = told.get("transaction") or presenter.transaction

    def _prove(self, case: schemathesis.Case, client_id: str | None) -> str:
        known = client_id if client_id in self._secrets else self._party.client.client_id
        pair = f"{known}:{self._secrets[str(known)]}".encode()
        case.headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        case.headers.pop("DPoP", None)
        return str(known)

    def _request(self, client_id: str) -> dict[str, str]:
        own = client_id == self._party.client.client_id
        changes = {} if own else {"client_id": client_id, "redirect_uri": CALLBACK, "scope": "openid offline_access"}
        return self._party.request(**changes)

    def _ask(self, case: schemathesis.Case) -> None:
        """A pushed request as the link has it, any other by this client."""
        if case.operation.method.upper() == "POST":
            case.body = self._request(self._party.client.client_id)
        elif "request_uri" in case.query and str(case.query["request_uri"]).startswith("urn:ietf:params:oauth:"):
            case.query = {name: case.query[name] for name in ("client_id", "request_uri") if name in case.query}
        else:
            asked = str(case.query.get("client_id"))
            case.query = self._request(asked if asked in self._secrets else self._party.client.client_id)

    def _sign_in(self, case: schemathesis.Case, answer: Response) -> None:
        """What the person does, until the browser is back at the client with a code."""
        browser = self._provider.browser()
        for line in answer.headers.get("set-cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            browser.cookies[name] = value
        browser.get(answer.headers["location"][0])
        if browser.last.status_code == 200:
            browser.use_sandbox_card()
            browser.agree()
        back = parse_qs(urlsplit(browser.last.headers.get("Location", "")).query)
        asked = case.query if case.operation.method.upper() == "GET" else case.body
        if "code" in back and isinstance(asked, dict):
            self._codes.append((back["code"][0], str(asked["client_id"])))

    def _redeem(self, case: schemathesis.Case, body: dict[str, Any]) -> None:
        if body.get("grant_type") == "refresh_token" and body.get("refresh_token") in self._owners:
            self._prove(case, self._owners[body["refresh_token"]])
            case.body = {name: body[name] for name in ("grant_type", "refresh_token")}
        elif self._codes:
            code, client_id = self._codes.pop()
            self._prove(case, client_id)
            own = client_id == self._party.client.client_id
            case.body = {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._party.client.redirect_uris[0] if own else CALLBACK,
                "code_verifier": self._party.code_verifier,
            }
        else:
            self._prove(case, None)

    def _present(self, case: schemathesis.Case, what: str) -> None:
        if what == "/card/open":
            browser = self._provider.browser()
            browser.authorize(self._party.request())
            card = self._provider.cards["hanako"].user_authentication
            presenter = PresenterDouble(self._provider.app, self._party.issuer, card, browser.handle)
            case.headers["Authorization"] = f"Handle {browser.handle}"
            case.body = {"format": FORMAT, "commitment": presenter.commitment}
            self._presenters[case.headers["Authorization"]] = presenter
            return
        held = self._presenters.get(str(case.headers.get("Authorization")))
        if held is None:
            return
        if what == "/card/cancel":
            case.body = {"format": FORMAT, "secret": held.secret, "reason": "cancelled"}
        elif what == "/card/proof":
            self._proofs += 1
            # Every other one is by a hand that slipped, so that there is something to try again.
            case.body = held.proof(**({"signature": "A" * 342} if self._proofs % 2 else {}))


def register(case: schemathesis.Case, **metadata: Any) -> None:
    """Fill in a registration, or what of it a link does not bring to a change."""
    if case.operation.method.upper() == "POST":
        case.body = metadata
    elif isinstance(case.body, dict):
        brought = {name: case.body[name] for name in ("client_id", "redirect_uris") if name in case.body}
        case.body = metadata | brought


def is_meant_well(case: schemathesis.Case) -> bool:
    """Whether the request was made to follow the description; others stay as they are."""
    return case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE


# What each walk keeps to, and the ways that it has to find there: the fewer links, the further a scenario gets along
# them. The pages have no links; without them schemathesis sees nothing that a request could begin with.
STRANGERS: dict[str, list[Way]] = {
    "/register": [
        (REGISTERED, (READ, 200), (UPDATE, 200), (REMOVE, 204)),
        (REGISTERED, (UPDATE, 200), (READ, 200)),
        (REGISTERED, (REMOVE, 204)),
    ],
    "/": [
        (("GET /.well-known/openid-configuration", 200), ("GET /jwks", 200)),
        (("GET /.well-known/openid-configuration", 200), ("GET /keys/calendar.json", 200)),
        (REGISTERED, (REMOVE, 204)),
    ],
}
INSIDERS: dict[str, list[Way]] = {
    "/(?!card|register/|[.]well|token|userinfo|introspect|revoke|end-session)": [
        (REGISTERED, PUSHED, ASKED),
        (REGISTERED, ASKED),
    ],
    "/(?!card|register|[.]well|userinfo|introspect|revoke|end-session)": [
        (PUSHED, ASKED),
        (ASKED, TOKENS),
        (("POST /authorize", 303), TOKENS, TOKENS),
    ],
    "/(?!card|register|par|[.]well)": [
        (ASKED, TOKENS, ("GET /userinfo", 200)),
        (TOKENS, ("POST /userinfo", 200)),
        (TOKENS, ("POST /introspect", 200)),
        (TOKENS, ("POST /revoke", 200)),
        (TOKENS, ("GET /end-session", 200)),
    ],
    "/card": [
        (OPENED, ("POST /card/proof", 200)),
        (OPENED, ("POST /card/proof", 422), ("POST /card/proof", 200)),
        (OPENED, ("POST /card/proof", 422), ("POST /card/cancel", 200)),
        (OPENED, ("POST /card/cancel", 200)),
    ],
}


@pytest.mark.parametrize("paths", STRANGERS)
def test_a_stranger_follows_the_links_and_only_described_answers_come(sandbox: Provider, paths: str) -> None:
    """A registration is read, changed and removed with what the answers before gave, and nothing else is needed."""
    walked = walk_links(sandbox.app, Stranger, paths, takes_all=True, wanted=STRANGERS[paths])
    assert walked.lacks(STRANGERS[paths]) == []


@pytest.mark.parametrize("paths", INSIDERS)
def test_an_insider_follows_the_links_and_only_described_answers_come(sandbox: Provider, paths: str) -> None:
    """From a registration to claims and out again, and a card's proof: what the links bring is good where they lead."""
    walked = walk_links(sandbox.app, insider_of(sandbox), paths, takes_all=True, wanted=INSIDERS[paths])
    assert walked.lacks(INSIDERS[paths]) == []


@pytest.mark.parametrize("who", ["stranger", "insider"])
def test_whatever_of_a_link_is_left_out_only_described_answers_come(sandbox: Provider, who: str) -> None:
    make_caller = Stranger if who == "stranger" else insider_of(sandbox)
    walked = walk_links(sandbox.app, make_caller, takes_all=False, rounds=3)
    assert any(len(way) > 1 for way in walked.ways)


def insider_of(provider: Provider) -> Callable[[], Insider]:
    grant_types = ["authorization_code", "refresh_token"]
    party = provider.relying_party(scope="openid offline_access", grant_types=grant_types)
    return lambda: Insider(provider, party)


def lying_app(provider: Provider, lie: Callable[[dict[str, Any]], object]) -> WsgiApplication:
    """The same provider with a changed description."""
    told = Client(provider.app).get("/openapi.json").get_json()
    lie(told)

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] != "/openapi.json":
            return provider.app(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(told).encode()]

    return app


def test_an_answer_behind_a_link_that_is_not_described_is_found(sandbox: Provider) -> None:
    """The judge itself: 204 comes of a removal only where the links led to a registration."""
    app = lying_app(sandbox, lambda told: told["paths"]["/register/{client_id}"]["delete"]["responses"].pop("204"))
    with pytest.raises(FailureGroup):
        walk_links(app, Stranger, "/register", takes_all=True, rounds=3)


def test_a_link_that_brings_the_wrong_thing_leads_nowhere(sandbox: Provider) -> None:
    """The other half of the judge: the ways above are not taken by themselves."""

    def lie(told: dict[str, Any]) -> None:
        for link in told["paths"]["/register"]["post"]["responses"]["201"]["links"].values():
            link.get("parameters", {}).pop("header.Authorization", None)

    walked = walk_links(lying_app(sandbox, lie), Stranger, "/register", takes_all=True, rounds=1)
    assert walked.lacks(STRANGERS["/register"]) == STRANGERS["/register"]
