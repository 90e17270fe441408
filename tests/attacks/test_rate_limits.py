"""Limits as a weapon: whoever uses up a limit must not be able to choose whom it stops."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc.jwk import ECKey
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from idp.app import create_app
from idp.build_parts import build_parts
from idp.jobs import write_journal
from idp.oidc.client_assertion import ASSERTION_TYPE
from tests.support.client_assertion import KeyedClient
from tests.support.provider import Provider, make_provider
from tests.support.relying_party import RelyingParty

SHARED, ELSEWHERE = "192.0.2.1", "198.51.100.1"
LIMITS = {
    "IDP_LIMITS__TOKEN_PER_MINUTE": "8",
    "IDP_LIMITS__USERINFO_PER_MINUTE": "8",
    "IDP_LIMITS__AUTHORIZE_PER_MINUTE": "8",
    "IDP_LIMITS__CLIENT_PER_MINUTE": "16",
    "IDP_LIMITS__UNREVIEWED_CLIENT_PER_MINUTE": "4",
    "IDP_OIDC__CLIENT_CACHE_SECONDS": "5",
}
BACK_CHANNEL = ["/token", "/par", "/revoke", "/introspect"]


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Provider]:
    """A provider whose limits are soon used up."""
    provider = make_provider(tmp_path, **LIMITS)
    yield provider
    provider.close()


class Caller:
    """Whoever sends requests from one address."""

    def __init__(self, provider: Provider, address: str = SHARED, app: Any = None) -> None:
        self._http = HttpClient(app or provider.app, use_cookies=False)
        self._issuer = provider.settings.issuer
        self._address = address

    def open(self, method: str, path: str, **options: Any) -> TestResponse:
        place = {"REMOTE_ADDR": self._address}
        return self._http.open(path, method=method, base_url=self._issuer, environ_overrides=place, **options)

    def post(self, path: str, party: RelyingParty, secret: str | None = None) -> int:
        """As this client, with its secret or another one, for a token that is nobody's."""
        basic = base64.b64encode(f"{party.client.client_id}:{secret or party.secret}".encode()).decode()
        form = {"grant_type": "refresh_token", "refresh_token": "x" * 43, "token": "x" * 43}
        if path == "/par":
            form = party.request()
        return self.open("POST", path, data=form, headers={"Authorization": f"Basic {basic}"}).status_code

    def public(self, party: RelyingParty, path: str = "/token") -> int:
        """As this public client, which anybody can say to be."""
        form = {"client_id": party.client.client_id, "grant_type": "refresh_token", "refresh_token": "x" * 43}
        return self.open("POST", path, data=form).status_code

    def authorize(self, party: RelyingParty) -> int:
        return self.open("GET", "/authorize", query_string=party.request()).status_code

    def userinfo(self, token: str) -> int:
        return self.open("GET", "/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code


def self_registered(provider: Provider, **members: Any) -> RelyingParty:
    """A client that registered itself and that nobody has reviewed."""
    sent = {"client_name": "Stranger", "redirect_uris": ["https://stranger.example/cb"], **members}
    answer = HttpClient(provider.app, use_cookies=False).post("/register", json=sent, base_url=provider.settings.issuer)
    made = answer.get_json()
    client = provider.parts.clients.find_client(made["client_id"])
    assert client is not None
    assert client.is_untrusted
    return RelyingParty(provider.app, provider.settings.issuer, client, made.get("client_secret"))


def flood(send: Any, *values: Any, times: int = 40) -> list[int]:
    return [send(*values) for _ in range(times)]


# Of what is asked for here nothing exists, so a client that is let in gets one of these.
SERVED = {"/token": 400, "/par": 201, "/revoke": 200, "/introspect": 200}


@pytest.mark.parametrize("path", BACK_CHANNEL)
def test_wrong_secrets_from_a_shared_address_stop_no_client_there(limited: Provider, path: str) -> None:
    good, other, caller = limited.relying_party(), limited.relying_party(), Caller(limited)
    statuses = flood(lambda: caller.post(path, other, "guessed"))
    assert statuses == [401] * 8 + [429] * 32
    assert caller.post(path, good) == SERVED[path]
    assert caller.post(path, other) == SERVED[path], "the very client that was named is let in with what is right"


@pytest.mark.parametrize("path", BACK_CHANNEL)
def test_one_client_that_asks_too_often_stops_nobody_behind_its_address(limited: Provider, path: str) -> None:
    greedy, good, caller = limited.relying_party(), limited.relying_party(), Caller(limited)
    assert flood(lambda: caller.post(path, greedy)) == [SERVED[path]] * 16 + [429] * 24
    assert caller.post(path, good) == SERVED[path]


def test_one_client_from_many_addresses_has_one_limit(limited: Provider) -> None:
    greedy, good = limited.relying_party(), limited.relying_party()
    callers = [Caller(limited, f"203.0.113.{number}") for number in range(40)]
    assert [caller.post("/introspect", greedy) for caller in callers].count(200) == 16
    assert callers[0].post("/introspect", good) == 200


@pytest.mark.parametrize("path", BACK_CHANNEL)
def test_a_client_cannot_be_locked_out_by_wrong_secrets_in_its_name(limited: Provider, path: str) -> None:
    victim, attacker, caller = limited.relying_party(), Caller(limited, ELSEWHERE), Caller(limited)
    flood(lambda: attacker.post(path, victim, "guessed"))
    assert flood(lambda: caller.post(path, victim), times=16) == [SERVED[path]] * 16


def test_wrong_assertions_at_a_shared_address_do_not_lock_out_the_client_they_name(limited: Provider) -> None:
    victim, stranger = KeyedClient(limited), ECKey.generate_key("P-256", private=True)
    caller, audience = Caller(limited), limited.settings.issuer

    def introspect(key: ECKey | None = None) -> int:
        assertion = victim.assertion(audience, key)
        form = {"token": "x" * 43, "client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE}
        return caller.open("POST", "/introspect", data=form).status_code

    assert flood(lambda: introspect(stranger)) == [401] * 8 + [429] * 32
    assert introspect() == 200


def test_names_of_nobody_stop_no_client_at_the_address(limited: Provider) -> None:
    good, nobody, caller = limited.relying_party(), limited.relying_party(), Caller(limited)
    limited.parts.client_administration.delete_client(nobody.client.client_id, limited.clock())
    assert set(flood(lambda: caller.post("/token", nobody))[8:]) == {429}
    assert caller.post("/token", good) == 400


def test_the_refusal_is_a_clients_error_and_says_when_to_come_back(limited: Provider) -> None:
    party, caller = limited.relying_party(), Caller(limited)
    limited.clock.advance(20)
    flood(lambda: caller.post("/token", party))
    basic = base64.b64encode(f"{party.client.client_id}:{party.secret}".encode()).decode()
    refused = caller.open("POST", "/token", data={}, headers={"Authorization": f"Basic {basic}"})
    assert (refused.status_code, refused.get_json()["error"]) == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == "40"
    limited.clock.advance(40)
    assert caller.post("/token", party) == 400


def test_a_client_past_its_limit_and_a_flood_of_wrong_secrets_write_nothing(limited: Provider) -> None:
    greedy, other, caller = limited.relying_party(), limited.relying_party(), Caller(limited)
    flood(lambda: caller.post("/token", greedy))
    flood(lambda: caller.post("/token", other, "guessed"))
    before = len(limited.transient.statements), limited.durable.write_transactions
    flood(lambda: caller.post("/token", greedy))
    flood(lambda: caller.post("/token", other, "guessed"))
    assert (len(limited.transient.statements), limited.durable.write_transactions) == before


def test_a_public_client_counts_with_each_address_for_anybody_can_name_it(limited: Provider) -> None:
    app = limited.relying_party(token_endpoint_auth_method="none")
    other = limited.relying_party(token_endpoint_auth_method="none")
    caller, person = Caller(limited), Caller(limited, ELSEWHERE)
    assert flood(lambda: caller.public(app)) == [400] * 8 + [429] * 32
    assert person.public(app) == 400
    assert caller.public(other) == 400


def test_a_public_client_that_nobody_vouches_for_has_one_limit_over_all_addresses(limited: Provider) -> None:
    app = self_registered(limited, token_endpoint_auth_method="none")
    assert app.client.is_public
    statuses = [Caller(limited, f"203.0.113.{number}").public(app) for number in range(10)]
    assert statuses == [400] * 4 + [429] * 6


def test_an_unreviewed_client_has_less_than_a_known_one_and_takes_nothing_from_it(limited: Provider) -> None:
    stranger, known, caller = self_registered(limited), limited.relying_party(), Caller(limited)
    assert flood(lambda: caller.post("/introspect", stranger)).count(200) == 4
    assert flood(lambda: caller.post("/introspect", known)).count(200) == 16


def test_wrong_secrets_in_the_name_of_an_unreviewed_client_stop_it_at_that_address_alone(limited: Provider) -> None:
    stranger, caller = self_registered(limited), Caller(limited)
    flood(lambda: caller.post("/token", stranger, "guessed"))
    assert caller.post("/token", stranger) == 429
    assert Caller(limited, ELSEWHERE).post("/token", stranger) == 400


def test_invented_tokens_stop_no_userinfo_request_at_the_address(limited: Provider) -> None:
    party = limited.relying_party()
    token = party.sign_in(limited.browser())["access_token"]
    caller = Caller(limited)
    assert flood(lambda: caller.userinfo("x" * 43)) == [401] * 8 + [429] * 32
    assert caller.userinfo(token) == 200


def test_userinfo_is_counted_by_the_client_that_the_token_was_issued_to(limited: Provider) -> None:
    greedy, good = limited.relying_party(), limited.relying_party()
    theirs = greedy.sign_in(limited.browser())["access_token"]
    ours = good.sign_in(limited.browser())["access_token"]
    statuses = [Caller(limited, f"203.0.113.{number}").userinfo(theirs) for number in range(20)]
    assert statuses == [200] * 16 + [429] * 4
    assert Caller(limited).userinfo(ours) == 200


def test_a_persons_token_of_a_public_client_uses_up_nothing_of_other_persons(limited: Provider) -> None:
    app = limited.relying_party(token_endpoint_auth_method="none")
    browser = limited.browser()
    browser.authorize(app.request())
    browser.use_sandbox_card("hanako")
    browser.agree()
    form = {"client_id": app.client.client_id, "grant_type": "authorization_code", "code": app.code(browser.last),
            "redirect_uri": app.client.redirect_uris[0], "code_verifier": app.code_verifier}  # fmt: skip
    token = Caller(limited).open("POST", "/token", data=form).get_json()["access_token"]
    assert flood(lambda: Caller(limited).userinfo(token)).count(200) == 8
    assert Caller(limited, ELSEWHERE).userinfo(token) == 200


def test_whoever_opens_sign_ins_of_one_service_stops_no_other_service_at_the_address(limited: Provider) -> None:
    named, other, caller = limited.relying_party(), limited.relying_party(), Caller(limited)
    assert flood(lambda: caller.authorize(named)) == [303] * 8 + [429] * 32
    assert caller.authorize(other) == 303


def test_a_known_service_cannot_be_closed_from_elsewhere(limited: Provider) -> None:
    named = limited.relying_party()
    for number in range(10):
        flood(lambda number=number: Caller(limited, f"203.0.113.{number}").authorize(named), times=10)
    assert Caller(limited).authorize(named) == 303


def test_a_self_registered_clients_flood_of_sign_ins_ends_wherever_it_comes_from(limited: Provider) -> None:
    stranger, known = self_registered(limited), limited.relying_party()
    callers = [Caller(limited, f"203.0.113.{number}") for number in range(20)]
    assert [caller.authorize(stranger) for caller in callers] == [303] * 4 + [429] * 16
    assert callers[0].authorize(known) == 303


def test_many_registrations_give_an_address_no_more_sign_ins(limited: Provider) -> None:
    strangers = [self_registered(limited) for _ in range(6)]
    known, caller = limited.relying_party(), Caller(limited)
    statuses = [caller.authorize(stranger) for stranger in strangers for _ in range(4)]
    assert statuses.count(303) == 8
    assert caller.authorize(known) == 303


def test_requests_that_name_nobody_stop_no_known_service_at_the_address(limited: Provider) -> None:
    known, caller = limited.relying_party(), Caller(limited)
    statuses = [caller.open("GET", f"/authorize?client_id=nobody-{number}").status_code for number in range(20)]
    assert statuses == [400] * 8 + [429] * 12
    assert caller.authorize(known) == 303


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unreviewed_client_gains_nothing_by_writing_its_name_in_another_way(limited: Provider, method: str) -> None:
    stranger = self_registered(limited)
    client_id, encoded = stranger.client.client_id, urlencode(stranger.request())
    spelt = [
        encoded.replace(client_id, f"%{ord(client_id[0]):02X}{client_id[1:]}"),
        encoded.replace("client_id=", "client%5Fid="),
    ]

    def authorize(number: int) -> int:
        form = {"content_type": "application/x-www-form-urlencoded", "data": spelt[number % 2]}
        options = {"query_string": spelt[number % 2]} if method == "GET" else form
        return Caller(limited, f"203.0.113.{number}").open(method, "/authorize", **options).status_code

    assert [authorize(number) for number in range(10)] == [303] * 4 + [429] * 6


def test_credentials_beside_a_sign_in_name_nobody(limited: Provider) -> None:
    parties, caller = [limited.relying_party() for _ in range(5)], Caller(limited)

    def authorize(number: int) -> int:
        name = base64.b64encode(f"{parties[number % 5].client.client_id}:x".encode()).decode()
        query = "redirect_uri=https://rp.example/cb"
        return caller.open("GET", f"/authorize?{query}", headers={"Authorization": f"Basic {name}"}).status_code

    assert [authorize(number) for number in range(20)] == [400] * 8 + [429] * 12
    assert caller.authorize(parties[0]) == 303


def test_an_unreviewed_client_that_fails_at_evidence_is_refused_unseen(limited: Provider) -> None:
    stranger_key = ECKey.generate_key("P-256", {"use": "sig"}, private=True)
    jwks = {"keys": [stranger_key.as_dict(private=False)]}
    stranger = self_registered(limited, token_endpoint_auth_method="private_key_jwt", jwks=jwks)
    known, caller = KeyedClient(limited), Caller(limited)

    def ask(assertion: str) -> int:
        headers = {"Authorization": f"Bearer {assertion}"}
        return caller.open("GET", "/evidence/nothing", headers=headers).status_code

    audience, names = limited.settings.issuer, {"iss": stranger.client.client_id, "sub": stranger.client.client_id}
    wrong = known.assertion(audience, **names)
    assert flood(ask, wrong) == [404] * 8 + [429] * 32
    refused_before = len(limited.log_lines())
    assert ask(known.assertion(audience, stranger_key, **names)) == 429
    assert [line for line in limited.log_lines()[refused_before:] if line["event"] == "evidence_refused"] == []
    assert ask(known.assertion(audience)) == 404
    assert ask("x" * 43) == 404, "what a stranger failed at is not counted with the address"


def test_an_office_with_one_address_has_what_its_operator_gives_it(tmp_path: Path) -> None:
    shared = {"IDP_LIMITS__SHARED_NETWORKS": '["192.0.2.0/24"]', "IDP_LIMITS__SHARED_NETWORK_FACTOR": "3"}
    provider = make_provider(tmp_path, **LIMITS, **shared)
    party = provider.relying_party()
    assert flood(lambda: Caller(provider).authorize(party)).count(303) == 24
    assert flood(lambda: Caller(provider, ELSEWHERE).authorize(party)).count(303) == 8
    provider.close()


def test_a_registration_is_managed_by_its_own_count(tmp_path: Path) -> None:
    provider = make_provider(tmp_path, **LIMITS, IDP_LIMITS__REGISTRATION_PER_MINUTE="4")
    caller = Caller(provider)
    made = [
        caller.open("POST", "/register", json={"client_name": "a", "redirect_uris": ["https://a.example/"]}).get_json()
        for _ in range(2)
    ]

    def read(which: int, token: str | None = None) -> int:
        headers = {"Authorization": f"Bearer {token or made[which]['registration_access_token']}"}
        return caller.open("GET", f"/register/{made[which]['client_id']}", headers=headers).status_code

    assert flood(lambda: read(0, "x" * 43), times=6) == [401] * 4 + [429] * 2
    assert flood(lambda: read(0), times=6) == [200] * 4 + [429] * 2
    assert read(1) == 200
    provider.close()


def test_a_client_past_its_limit_finds_it_in_its_journal_once_and_a_claimed_one_does_not(limited: Provider) -> None:
    greedy, victim, caller = limited.relying_party(), limited.relying_party(), Caller(limited)
    flood(lambda: caller.post("/token", greedy))
    flood(lambda: caller.post("/token", victim, "guessed"))
    write_journal(limited.parts)
    notes = limited.parts.database.read_all("SELECT client_id, outcome, detail FROM client_notes")
    limits = [tuple(note) for note in notes if note[1] == "too_many_requests"]
    detail = "more than 16 requests of this client in a minute"
    assert limits == [(greedy.client.client_id, "too_many_requests", detail)]
    logged = [line for line in limited.log_lines() if line["event"] == "client_over_limit"]
    assert [line["client_id"] for line in logged] == [greedy.client.client_id]


def test_workers_count_a_client_together(limited: Provider) -> None:
    party = limited.relying_party()
    second = build_parts(limited.settings, limited.clock)
    callers = [Caller(limited), Caller(limited, ELSEWHERE, create_app(second))]
    statuses = [caller.post("/introspect", party) for _ in range(20) for caller in callers]
    assert 14 <= statuses.count(200) <= 16
    assert statuses[-1] == 429
    second.database.close()
    second.transient.close()
