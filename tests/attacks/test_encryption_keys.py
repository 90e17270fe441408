"""What is encrypted to a client goes to a key that the client made for this, or nowhere at all.

The attacker sits between (reads whatever goes out in plain), writes the link that a person follows, or has got hold of
the host that publishes the client's keys for a while.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from joserfc.util import int_to_base64
from werkzeug.test import TestResponse

from idp.oidc.client import Client
from idp.oidc.encrypted_answer import RESPONSE_ALGORITHMS
from idp.oidc.errors import ErrorCode, OAuthError
from tests.support.browser import Browser
from tests.support.encrypting_client import EncryptionKey
from tests.support.key_host import JWKS_URI, KeyHost
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty
from tests.unit.oidc.samples import rsa_key

ALG = "ECDH-ES+A256KW"
EVERYTHING = {
    "id_token_encrypted_response_alg": ALG,
    "userinfo_encrypted_response_alg": ALG,
    "authorization_encrypted_response_alg": ALG,
    "authorization_signed_response_alg": "ES256",
    "introspection_encrypted_response_alg": ALG,
}
RSA_KEY = rsa_key()
EVEN_MODULUS = {
    **RSA_KEY.as_dict(private=False),
    "kid": "even",
    "use": "enc",
    "n": int_to_base64(RSA_KEY.public_key.public_numbers().n - 1),
}


@pytest.fixture
def key() -> EncryptionKey:
    return EncryptionKey(ALG)


@pytest.fixture
def host(provider: Provider, key: EncryptionKey) -> KeyHost:
    return KeyHost(provider, key.jwk)


@pytest.fixture
def party(provider: Provider, host: KeyHost) -> RelyingParty:
    """A client all of whose answers are encrypted to what it publishes."""
    return provider.relying_party(
        jwks_uri=JWKS_URI,
        scope="openid offline_access",
        grant_types=["authorization_code", "refresh_token"],
        **EVERYTHING,
    )


def response_of(party: RelyingParty, key: EncryptionKey, answered: TestResponse) -> dict[str, Any]:
    """What the client reads in an answer that came through the browser."""
    got = party.answer(answered)
    assert list(got) == ["response"], "something beside the encrypted response"
    return party.claims(key.decrypt(got["response"]))


def sign_in(party: RelyingParty, key: EncryptionKey, browser: Browser) -> dict[str, Any]:
    browser.authorize(party.request(response_mode="jwt"))
    if browser.last.status_code == 200:
        browser.use_sandbox_card()
        browser.agree()
    return dict(party.redeem(response_of(party, key, browser.last)["code"]).get_json())


def lose(host: KeyHost) -> None:
    host.keys = []


def go_down(host: KeyHost) -> None:
    host.is_up = False


def publish_for_signatures(host: KeyHost) -> None:
    host.keys = [{**host.keys[0], "use": "sig"}]


def leave_out_the_use(host: KeyHost) -> None:
    host.keys = [{name: value for name, value in host.keys[0].items() if name != "use"}]


def publish_for_another_algorithm(host: KeyHost) -> None:
    host.keys = [{**host.keys[0], "alg": "ECDH-ES"}]


def publish_a_secret(host: KeyHost) -> None:
    host.keys = [{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ", "use": "enc", "alg": "dir"}]


def publish_a_point_off_the_curve(host: KeyHost) -> None:
    host.keys = [{**host.keys[0], "y": host.keys[0]["x"]}]


def publish_for_another_operation(host: KeyHost) -> None:
    host.keys = [{**host.keys[0], "key_ops": ["wrapKey"]}]


FAULTS: list[Callable[[KeyHost], None]] = [
    lose,
    go_down,
    publish_for_signatures,
    leave_out_the_use,
    publish_for_another_algorithm,
    publish_a_secret,
    publish_a_point_off_the_curve,
    publish_for_another_operation,
]


@pytest.mark.parametrize("spoil", FAULTS)
def test_without_a_key_for_it_nobody_is_answered_and_nothing_is_begun(
    provider: Provider, party: RelyingParty, host: KeyHost, spoil: Callable[[KeyHost], None]
) -> None:
    """The person reads a page before anything is asked of the card; the client reads why at /par."""
    spoil(host)
    for request in (party.request(response_mode="jwt"), party.request(prompt="none"), party.request()):
        browser = provider.browser()
        page = browser.authorize(request)
        assert page.status_code == 503
        assert "サービスに安全に返事を送れません" in browser.html
        assert "Location" not in page.headers
        assert "Set-Cookie" not in page.headers
        assert party.client.redirect_uris[0] not in browser.html
    pushed = party.push(response_mode="jwt")
    assert (pushed.status_code, pushed.get_json()["error"]) in [
        (400, "invalid_request"),
        (503, "temporarily_unavailable"),
    ]
    if spoil is go_down:
        assert pushed.headers["Retry-After"]


@pytest.mark.parametrize("spoil", FAULTS)
def test_when_the_key_is_gone_in_the_end_no_answer_goes_out_in_plain(
    provider: Provider,
    party: RelyingParty,
    host: KeyHost,
    key: EncryptionKey,
    present_with: Callable[[str], PresenterDouble],
    spoil: Callable[[KeyHost], None],
) -> None:
    """The set is lost while the person is at the card; once it is back, the sign-in goes on where it was."""
    browser = provider.browser()
    request = party.request(response_mode="jwt")
    browser.authorize(request)
    page, presenter = browser.path, present_with(browser.handle)
    presenter.open()
    return_url = presenter.prove().get_json()["return_url"]
    good = list(host.keys)
    spoil(host)
    host.now += 100_000
    assert browser.get(return_url).status_code == 503
    assert browser.get(page).status_code == 503
    assert "Location" not in browser.last.headers
    assert provider.count_rows("grants") == 0
    host.keys, host.is_up = good, True
    host.now += 100_000
    browser.get(page)
    assert response_of(party, key, browser.agree())["state"] == request["state"]


@pytest.mark.parametrize("spoil", FAULTS)
def test_without_a_key_the_token_endpoint_spends_nothing_and_the_others_tell_nothing(
    provider: Provider, party: RelyingParty, host: KeyHost, key: EncryptionKey, spoil: Callable[[KeyHost], None]
) -> None:
    browser = provider.browser()
    tokens = sign_in(party, key, browser)
    code = response_of(party, key, browser.authorize(party.request(response_mode="jwt", prompt="none")))["code"]
    good = list(host.keys)
    spoil(host)
    host.now += 100_000
    access = tokens["access_token"]
    for answer in (
        party.redeem(code),
        party.refresh(tokens["refresh_token"]),
        party.userinfo(access),
        party.post("/introspect", {"token": access}),
    ):
        assert answer.status_code in (400, 503)
        assert set(answer.get_json()) == {"error", "error_description", "error_reference"}
    host.keys, host.is_up = good, True
    host.now += 100_000
    assert key.decrypt(party.redeem(code).get_json()["id_token"])
    assert key.decrypt(party.refresh(tokens["refresh_token"]).get_json()["id_token"])


def register_anew(provider: Provider, former: Client, client: Client) -> None:
    """Past the judge of keys, and with all that was granted to the client."""
    assert provider.parts.client_administration.replace_client(former, client, provider.clock())


@pytest.mark.parametrize("is_published", [False, True])
def test_a_key_that_cannot_encrypt_costs_nobody_a_code(provider: Provider, is_published: bool) -> None:
    """From /authorize to introspection: refused as where there is no key, never a fault, and nothing is spent."""
    key = EncryptionKey("RSA-OAEP-256")
    everything = {name: "RSA-OAEP-256" if value == ALG else value for name, value in EVERYTHING.items()}
    host = KeyHost(provider, key.jwk)
    where: dict[str, Any] = {"jwks_uri": JWKS_URI} if is_published else {"jwks": {"keys": [key.jwk]}}
    party = provider.relying_party(
        **where,
        scope="openid offline_access",
        grant_types=["authorization_code", "refresh_token"],
        **everything,
    )
    browser = provider.browser()
    tokens = sign_in(party, key, browser)
    code = response_of(party, key, browser.authorize(party.request(response_mode="jwt", prompt="none")))["code"]
    verifier, grants = party.code_verifier, provider.count_rows("grants")
    poisoned = party.client if is_published else replace(party.client, jwks={"keys": [EVEN_MODULUS]})
    register_anew(provider, party.client, poisoned)
    host.keys, host.now = [EVEN_MODULUS], host.now + 100_000
    page = browser.authorize(party.request(response_mode="jwt", prompt="none"))
    assert page.status_code == 503
    assert "Location" not in page.headers
    access = tokens["access_token"]
    for answer in (
        party.push(response_mode="jwt"),
        party.redeem(code, code_verifier=verifier),
        party.refresh(tokens["refresh_token"]),
        party.userinfo(access),
        party.post("/introspect", {"token": access}),
    ):
        told = (answer.status_code, answer.get_json()["error"])
        assert told == ((503, "temporarily_unavailable") if is_published else (400, "invalid_request"))
    assert provider.count_rows("grants") == grants
    register_anew(provider, poisoned, party.client)
    host.keys, host.now = [key.jwk], host.now + 100_000
    assert key.decrypt(party.redeem(code, code_verifier=verifier).get_json()["id_token"])
    assert key.decrypt(party.refresh(tokens["refresh_token"]).get_json()["id_token"])


@pytest.mark.parametrize("alg", RESPONSE_ALGORITHMS)
def test_a_key_that_cannot_encrypt_is_not_registered(provider: Provider, alg: str) -> None:
    key = EncryptionKey(alg).jwk
    broken = EVEN_MODULUS if alg.startswith("RSA") else {**key, "y": key["x"]}
    other = "deriveKey" if alg.startswith("RSA") else "encrypt"
    for hostile in (broken, {**key, "key_ops": [other]}, {**key, "key_ops": []}):
        with pytest.raises(OAuthError) as refused:
            provider.relying_party(jwks={"keys": [hostile]}, id_token_encrypted_response_alg=alg)
        assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA


def test_a_swapped_key_is_used_when_the_old_sets_life_is_over_and_not_asked_for_in_between(
    provider: Provider, party: RelyingParty, host: KeyHost, key: EncryptionKey
) -> None:
    """OIDC Core §10.2.1. A thief of the host's contents for a minute is out again when the set is."""
    browser = provider.browser()
    for _ in range(3):
        sign_in(party, key, browser)
    assert host.asked == 1, "one sign-in, one call: the keys are to be kept"
    new = EncryptionKey(ALG, kid="new")
    host.keys = [new.jwk]
    # In its last quarter a set is asked for beside the requests; before that nobody is asked.
    host.now += host.max_age * 3 / 4 - 1
    assert key.decrypt(sign_in(party, key, browser)["id_token"])
    assert host.asked == 1
    host.now += host.max_age / 4 + 1
    tokens = sign_in(party, new, browser)
    assert new.decrypt(tokens["id_token"])
    assert new.read_header(tokens["id_token"])["kid"] == "new"
    assert host.asked == 2


def test_while_the_host_is_down_the_key_it_had_is_good_for_an_hour(
    provider: Provider, party: RelyingParty, host: KeyHost, key: EncryptionKey
) -> None:
    browser = provider.browser()
    sign_in(party, key, browser)
    host.is_up = False
    host.now += host.max_age + 3599
    assert key.decrypt(sign_in(party, key, browser)["id_token"])
    host.now += 1
    assert browser.authorize(party.request(response_mode="jwt")).status_code == 503


@pytest.mark.parametrize("mode", [None, "query", "form_post", "unknown"])
def test_whoever_writes_the_link_cannot_have_the_answer_in_plain(
    provider: Provider, party: RelyingParty, key: EncryptionKey, mode: str | None
) -> None:
    browser = provider.browser()
    sign_in(party, key, browser)
    answered = browser.authorize(party.request(response_mode=mode, prompt="none"))
    if mode == "form_post":
        fields = browser.form("/cb").fields
        assert list(fields) == ["response"]
        told = party.claims(key.decrypt(fields["response"]))
    else:
        told = response_of(party, key, answered)
    assert told["error"] == "invalid_request"
    assert "code" not in told


def test_introspection_stays_encrypted_whatever_is_accepted(
    provider: Provider, party: RelyingParty, key: EncryptionKey
) -> None:
    access = sign_in(party, key, provider.browser())["access_token"]
    for accept in ("application/json", "*/*", "application/token-introspection+jwt"):
        answer = party.post("/introspect", {"token": access}, Accept=accept)
        assert answer.mimetype == "application/token-introspection+jwt"
        assert party.claims(key.decrypt(answer.get_data(as_text=True)))["token_introspection"]["active"] is True
    unknown = party.post("/introspect", {"token": "x"}, Accept="application/json").get_data(as_text=True)
    assert party.claims(key.decrypt(unknown))["token_introspection"] == {"active": False}


@pytest.mark.parametrize("alg", ["RSA1_5", "RSA-OAEP", "dir", "A256KW", "A128GCMKW", "PBES2-HS256+A128KW"])
@pytest.mark.parametrize("answer", ["id_token", "userinfo", "authorization", "introspection"])
def test_weak_and_symmetric_algorithms_cannot_be_registered(provider: Provider, answer: str, alg: str) -> None:
    keys = [EncryptionKey("RSA-OAEP-256", kid="r").jwk, EncryptionKey(ALG, kid="e").jwk] if alg == "RSA1_5" else []
    for where in ({"jwks": {"keys": keys}}, {"jwks_uri": JWKS_URI}):
        with pytest.raises(OAuthError):
            provider.relying_party(**where, **{f"{answer}_encrypted_response_alg": alg})


def test_nothing_of_what_is_encrypted_is_in_the_log(
    provider: Provider, party: RelyingParty, host: KeyHost, key: EncryptionKey
) -> None:
    browser = provider.browser()
    browser.authorize(party.request(response_mode="jwt"))
    browser.use_sandbox_card()
    browser.agree()
    sealed = party.answer(browser.last)["response"]
    code = party.claims(key.decrypt(sealed))["code"]
    go_down(host)
    host.now += 100_000
    party.redeem(code)
    for secret in (sealed, code, json.dumps(host.keys[0]["x"])):
        assert secret not in provider.log.getvalue()
