"""A signed request is what its client signed, for this provider, now; whatever else is a page and nobody's redirect."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from idp.clock import to_epoch_seconds
from tests.attacks.refusals import assert_page
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty
from tests.unit.oidc.request_object_world import raw

KEY = ECKey.generate_key("P-256", {"kid": "rp-1"})
Sign = Callable[..., str]


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    """A client that has registered a key and must sign."""
    return provider.relying_party(
        require_signed_request_object=True,
        request_object_signing_alg="ES256",
        jwks={"keys": [KEY.as_dict(private=False)]},
    )


@pytest.fixture
def sign(provider: Provider, party: RelyingParty) -> Sign:
    """A request object of ``party`` with a new request in it; ``changes`` replace claims, None leaves one out."""

    def make(key: ECKey = KEY, **changes: Any) -> str:
        now = to_epoch_seconds(provider.clock())
        claims: dict[str, Any] = {
            "iss": party.client.client_id,
            "aud": provider.settings.issuer,
            "exp": now + 60,
            **party.request(),
            **changes,
        }
        payload = json.dumps({name: value for name, value in claims.items() if value is not None})
        header = {"alg": "ES256", "kid": "rp-1", "typ": "oauth-authz-req+jwt"}
        return jws.serialize_compact(header, payload, key, algorithms=["ES256"])

    return make


def ask(party: RelyingParty, signed: str, **outside: str) -> dict[str, str]:
    return {"client_id": party.client.client_id, "request": signed, **outside}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_honest_client_signs_people_in(provider: Provider, party: RelyingParty, sign: Sign, method: str) -> None:
    browser, request = provider.browser(), ask(party, sign(jti="once"))
    answer = browser.authorize(request) if method == "GET" else browser.post("/authorize", request)
    assert answer.status_code == 200
    browser.use_sandbox_card()
    browser.agree()
    assert party.tokens(browser.last)["id_token"]


def test_a_pushed_and_signed_request_signs_people_in(provider: Provider, party: RelyingParty, sign: Sign) -> None:
    pushed = party.post("/par", {"request": sign(), "client_id": party.client.client_id})
    assert pushed.status_code == 201, pushed.get_data()
    browser = provider.browser()
    browser.authorize({"client_id": party.client.client_id, "request_uri": pushed.get_json()["request_uri"]})
    browser.use_sandbox_card()
    browser.agree()
    assert party.tokens(browser.last)["id_token"]


def test_forgeries_are_pages_and_set_no_cookie(provider: Provider, party: RelyingParty, sign: Sign) -> None:
    other = provider.relying_party()
    claims = json.loads(jws.extract_compact(sign().encode()).payload)
    stranger = ECKey.generate_key("P-256")
    forged = [
        raw({"alg": "none"}, claims, b""),
        raw({"alg": "HS256", "kid": "rp-1"}, claims),
        raw({"alg": "ES256", "jwk": stranger.as_dict(private=False)}, claims),
        raw({"alg": "ES256", "jku": "https://evil.example/jwks"}, claims),
        raw({"alg": "ES256", "x5u": "https://evil.example/c.pem"}, claims),
        sign(stranger),
        sign()[:-2] + "AA",
        sign(aud="https://other.example"),
        sign(aud=provider.settings.issuer + "/par"),
        sign(exp=to_epoch_seconds(provider.clock())),
        sign(exp=None),
        sign(iss=other.client.client_id),
        sign(client_id=other.client.client_id),
        sign(request_uri="https://evil.example/"),
        "x" * 15_000,
        "....",
        "é",
    ]
    browser = provider.browser()
    for signed in forged:
        # A registered address outside is no reason to send an unproven request's answer there.
        outside = party.request()
        for answer in (
            browser.request("GET", "/authorize?" + urlencode(outside | ask(party, signed))),
            browser.request("POST", "/authorize", data=outside | ask(party, signed)),
        ):
            assert_page(answer, 400)
    assert browser.cookies == {}


def test_an_object_is_of_no_use_to_another_client(provider: Provider, party: RelyingParty, sign: Sign) -> None:
    jwks = {"keys": [ECKey.generate_key("P-256", {"kid": "rp-1"}).as_dict(private=False)]}
    other = provider.relying_party(request_object_signing_alg="ES256", jwks=jwks)
    assert_page(provider.browser().authorize(ask(other, sign())), 400)
    answer = other.post("/par", ask(other, sign()))
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request_object")


def test_parameters_beside_the_object_change_nothing(provider: Provider, party: RelyingParty, sign: Sign) -> None:
    """RFC 9101 §6.3; a way of answering, a state or an address in the link is the person's or a stranger's."""
    browser = provider.browser()
    signed = sign(response_mode="form_post", state="mine", prompt="login")
    outside = {
        "response_mode": "query", "state": "yours", "redirect_uri": "https://evil.example/", "prompt": "none",
        "scope": "openid offline_access", "acr_values": "x",
    }  # fmt: skip
    assert browser.authorize(ask(party, signed, **outside)).status_code == 200
    browser.submit("/cancel")
    form = browser.form("/cb")
    assert form.action == party.client.redirect_uris[0]
    assert (form.fields["state"], form.fields["error"]) == ("mine", "access_denied")


def test_a_jti_starts_one_sign_in(provider: Provider, party: RelyingParty, sign: Sign) -> None:
    signed = sign(jti="one")
    assert provider.browser().authorize(ask(party, signed)).status_code == 200
    assert_page(provider.browser().authorize(ask(party, signed)), 400)
    assert_page(provider.browser().post("/authorize", ask(party, signed)), 400)


def test_an_object_that_names_an_unregistered_address_is_a_page(
    provider: Provider, party: RelyingParty, sign: Sign
) -> None:
    for uri in ("https://evil.example/", None):
        assert_page(provider.browser().authorize(ask(party, sign(redirect_uri=uri))), 400)


def test_a_fault_inside_a_proven_object_goes_to_its_client_in_the_mode_it_asked_for(
    provider: Provider, party: RelyingParty, sign: Sign
) -> None:
    browser = provider.browser()
    browser.authorize(ask(party, sign(scope="profile", response_mode="jwt", state="mine")))
    claims = party.claims(party.answer(browser.last)["response"])
    assert (claims["error"], claims["state"]) == ("invalid_scope", "mine")


def test_a_client_that_must_sign_is_refused_in_plain_and_pushed_requests(
    provider: Provider, party: RelyingParty
) -> None:
    assert party.answer(provider.browser().authorize(party.request()))["error"] == "invalid_request"
    answer = party.push()
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_a_client_assertion_is_no_request_and_a_request_no_assertion(
    provider: Provider, party: RelyingParty, sign: Sign
) -> None:
    """RFC 9101 §10.8."""
    keyed = provider.relying_party(
        token_endpoint_auth_method="private_key_jwt",
        request_object_signing_alg="ES256",
        jwks={"keys": [KEY.as_dict(private=False)]},
    )
    client_id = keyed.client.client_id
    both = {"iss": client_id, "sub": client_id, "client_id": client_id, "jti": "both", **keyed.request()}
    assert_page(provider.browser().authorize(ask(keyed, sign(**both))), 400)
    request_only = sign(**(both | {"sub": None}))
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    browser = provider.browser()
    form = keyed.request() | {"client_assertion": request_only, "client_assertion_type": kind}
    answer = browser.request("POST", "/par", data=form)
    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_nothing_of_an_object_is_logged(provider: Provider, party: RelyingParty, sign: Sign) -> None:
    signed = sign(login_hint="someone@example.jp")
    provider.browser().authorize(ask(party, signed))
    provider.browser().authorize(ask(party, signed[:-3]))
    log = provider.log.getvalue()
    assert signed[:40] not in log
    assert "someone@example.jp" not in log
