"""What a client asks for in detail (RFC 9396): shown, agreed to, granted, told with the tokens."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.in_process.test_linked_person import with_operator
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider, make_provider
from tests.support.relying_party import RelyingParty

CARD = "https://idp.example/details/library-card"
DECLARED = f'[{{type = "{CARD}", members = ["branch"], ja = "図書館カードの発行", en = "Issue of a library card"}}]'
DETAILS = [{"type": CARD, "branch": "<b>中央館</b>"}]
ASKED = json.dumps(DETAILS)


@pytest.fixture
def detailed(tmp_path: Path) -> Iterator[Provider]:
    provider = make_provider(tmp_path / "detailed", IDP_OIDC__AUTHORIZATION_DETAILS=DECLARED)
    yield provider
    provider.close()


@pytest.fixture
def party(detailed: Provider) -> RelyingParty:
    return detailed.relying_party(
        authorization_details_types=[CARD],
        scope="openid offline_access",
        grant_types=["authorization_code", "refresh_token"],
    )


@pytest.mark.parametrize(("language", "words"), [("ja", "図書館カードの発行"), ("en", "Issue of a library card")])
def test_details_are_shown_granted_and_told_with_every_token(
    detailed: Provider, party: RelyingParty, language: str, words: str
) -> None:
    browser = detailed.browser(**{"Accept-Language": language})
    browser.authorize(party.request(authorization_details=ASKED))
    browser.use_sandbox_card()
    if "new-browser" in browser.html:
        browser.submit("/new-browser")
    assert words in browser.html
    assert "&lt;b&gt;中央館&lt;/b&gt;" in browser.html
    browser.submit("/consent", decision="allow")
    tokens = party.tokens(browser.last)
    assert tokens["authorization_details"] == DETAILS
    assert party.refresh(tokens["refresh_token"]).get_json()["authorization_details"] == DETAILS


def test_a_remembered_consent_does_not_stand_for_details(detailed: Provider, party: RelyingParty) -> None:
    browser = detailed.browser()
    assert "authorization_details" not in party.sign_in(browser)
    assert "code" in party.answer(browser.authorize(party.request()))
    assert browser.authorize(party.request(authorization_details=ASKED)).status_code == 200
    silent = browser.authorize(party.request(authorization_details=ASKED, prompt="none"))
    assert party.answer(silent)["error"] == "consent_required"


def test_who_does_not_agree_gives_nothing(detailed: Provider, party: RelyingParty) -> None:
    browser = detailed.browser()
    party.sign_in(browser)
    browser.authorize(party.request(authorization_details=ASKED))
    browser.submit("/consent", decision="deny")
    assert party.answer(browser.last)["error"] == "access_denied"


def test_details_may_be_pushed(detailed: Provider, party: RelyingParty) -> None:
    browser = detailed.browser()
    browser.authorize(party.pushed(authorization_details=ASKED))
    browser.use_sandbox_card()
    browser.agree()
    assert party.tokens(browser.last)["authorization_details"] == DETAILS
    refused = party.push(authorization_details='[{"type":"other"}]')
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_authorization_details")


def test_a_client_without_types_and_a_provider_without_any_refuse(
    detailed: Provider, provider: Provider, relying_party: RelyingParty
) -> None:
    other = detailed.relying_party()
    answer = other.answer(detailed.browser().authorize(other.request(authorization_details=ASKED)))
    assert answer["error"] == "invalid_authorization_details"
    answer = relying_party.answer(provider.browser().authorize(relying_party.request(authorization_details=ASKED)))
    assert answer["error"] == "invalid_authorization_details"


NAME = json.dumps({"userinfo": {"name": None}})


@pytest.fixture
def linked(detailed: Provider) -> Iterator[Provider]:
    provider = with_operator(detailed)
    yield provider
    provider.close()


@pytest.fixture
def signing(linked: Provider) -> RelyingParty:
    return linked.relying_party(authorization_details_types=[CARD], scope="openid name")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ja", "あわせて、次の依頼に同意します:\n・図書館カードの発行\n  branch: <b>中央館</b>\n"),
        ("en", "I also agree to what this service asks for:\n- Issue of a library card\n  branch: <b>中央館</b>\n"),
    ],
)
def test_details_stand_in_what_a_person_signs(
    linked: Provider, signing: RelyingParty, language: str, words: str
) -> None:
    """Before the password, in the statement whose hash the card signs (card presenter protocol §3.2)."""
    browser = linked.browser(**{"Accept-Language": language})
    browser.authorize(signing.request(authorization_details=ASKED, claims=NAME))
    browser.use_sandbox_card()
    if "new-browser" in browser.html:
        browser.submit("/new-browser")
    browser.submit("/consent", decision="allow", **{"item-name": "on"})
    card = linked.cards["hanako"].digital_signature
    assert card is not None
    presenter = PresenterDouble(linked.app, linked.settings.issuer, card, browser.handle)
    presenter.open()
    assert presenter.transaction["action"] == "step-up"
    assert words in presenter.transaction["statement"]
    browser.use_sandbox_card()


def test_details_that_do_not_fit_into_what_is_signed_are_refused_before_the_card(
    linked: Provider, signing: RelyingParty
) -> None:
    much = json.dumps([{"type": CARD, "branch": ["y" * 150] * 10}] * 2)
    browser = linked.browser()
    refused = signing.answer(browser.authorize(signing.request(authorization_details=much, claims=NAME)))
    assert refused["error"] == "invalid_authorization_details"
    # Without a claim of the signing certificate nothing is signed, and a page has room.
    assert browser.authorize(signing.request(authorization_details=much, scope="openid")).status_code == 200
    wanted = {"verification": {"trust_framework": None}, "claims": None}
    checked = json.dumps({"userinfo": {"verified_claims": wanted}})
    unsigned = signing.request(authorization_details=much, scope="openid", claims=checked)
    assert browser.authorize(unsigned).status_code == 200


def test_the_token_endpoint_narrows_and_introspection_tells_it(detailed: Provider, party: RelyingParty) -> None:
    """RFC 9396 §6, §9.2, on the durable store."""
    two = json.dumps([*DETAILS, {"type": CARD}])
    browser = detailed.browser()
    browser.authorize(party.request(authorization_details=two))
    browser.use_sandbox_card()
    code = party.code(browser.agree())
    refused = party.redeem(code, authorization_details=json.dumps([{"type": CARD, "branch": "x"}]))
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_authorization_details")
    tokens = party.redeem(code, authorization_details=ASKED).get_json()
    assert tokens["authorization_details"] == DETAILS
    told = party.post("/introspect", {"token": tokens["access_token"]}).get_json()
    assert told["authorization_details"] == DETAILS
    whole = party.refresh(tokens["refresh_token"]).get_json()
    assert whole["authorization_details"] == json.loads(two)
    told = party.post("/introspect", {"token": whole["access_token"]}).get_json()
    assert told["authorization_details"] == json.loads(two)
