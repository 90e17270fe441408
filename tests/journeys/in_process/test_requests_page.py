"""A developer sees on a page what became of a client's requests, in a sandbox, without JavaScript."""

import html
import json
import re
from typing import Any

import pytest
from werkzeug.test import Client as HttpClient

from idp.jobs import write_journal
from tests.support.browser import Browser
from tests.support.provider import ISSUER, Provider
from tests.support.relying_party import RelyingParty

PATH = "/sandbox/requests"
REGISTER = "/sandbox/register"
METADATA = {"client_name": "図書館", "redirect_uris": ["http://localhost:9000/cb"]}


def register_by_hand(browser: Browser) -> dict[str, Any]:
    browser.get(REGISTER)
    browser.submit(REGISTER, client_name="図書館", redirect_uri="http://localhost:9000/cb")
    found = re.search(r"<pre>(.*?)</pre>", browser.html, re.DOTALL)
    assert found is not None, browser.html
    members: dict[str, Any] = json.loads(html.unescape(found[1]))
    return members


def register_by_program(provider: Provider, **changed: Any) -> dict[str, Any]:
    answer = HttpClient(provider.app).post("/register", base_url=ISSUER, json={**METADATA, **changed})
    assert answer.status_code == 201, answer.get_data()
    made: dict[str, Any] = answer.get_json()
    return made


def party_of(provider: Provider, made: dict[str, Any]) -> RelyingParty:
    client = provider.parts.clients.find_client(made["client_id"])
    assert client is not None
    return RelyingParty(provider.app, ISSUER, client, made.get("client_secret"))


def prove(browser: Browser, client_id: str, credential: str) -> Browser:
    browser.get(PATH)
    browser.submit(PATH, client_id=client_id, credential=credential)
    return browser


def places(browser: Browser) -> list[str]:
    return re.findall(r'<code class="place">(.*?)</code>', browser.html)


def test_after_registering_by_hand_the_page_leads_to_the_requests_without_asking_again(provider: Provider) -> None:
    browser = provider.browser()
    made = register_by_hand(browser)
    assert f'href="{PATH}"' in browser.html
    browser.get(PATH)
    assert made["client_id"] in browser.html
    assert "図書館" in browser.html
    assert made["client_secret"] not in browser.html
    assert "/.well-known/openid-configuration" in browser.html, "what to do where there is nothing yet"


@pytest.mark.parametrize("credential", ["client_secret", "registration_access_token"])
def test_the_last_requests_are_there_newest_first_with_reason_cure_and_reference(
    provider: Provider, credential: str
) -> None:
    made = register_by_program(provider)
    party = party_of(provider, made)
    party.sign_in(provider.browser())
    refused = party.redeem("x" * 43)
    write_journal(provider.parts)
    browser = prove(provider.browser(**{"Accept-Language": "en"}), made["client_id"], f" {made[credential]}\n")
    assert browser.path == PATH
    assert places(browser) == ["POST /token", "POST /token", "GET /authorize"]
    assert 'href="/sandbox/errors#invalid_grant"' in browser.html
    assert "code is unknown, expired or another client&#39;s" in browser.html
    assert "Begin a new sign-in" in browser.html
    assert refused.get_json()["error_reference"] in browser.html


def test_it_can_be_loaded_again_for_half_an_hour_and_then_asks_anew(provider: Provider) -> None:
    made = register_by_program(provider)
    browser = prove(provider.browser(), made["client_id"], made["client_secret"])
    provider.clock.advance(29 * 60)
    browser.get(PATH + "?lang=en")
    assert made["client_id"] in browser.html
    provider.clock.advance(60)
    browser.get(PATH)
    assert made["client_id"] not in browser.html
    assert 'name="credential"' in browser.html


def test_another_client_is_seen_after_leaving_the_first(provider: Provider) -> None:
    first, second = register_by_program(provider), register_by_program(provider, client_name="Second")
    browser = prove(provider.browser(), first["client_id"], first["client_secret"])
    browser.submit("/leave")
    assert browser.path == PATH
    assert "idp-requests" not in {name for name, value in browser.cookies.items() if value}
    prove(browser, second["client_id"], second["registration_access_token"])
    assert second["client_id"] in browser.html
    assert first["client_id"] not in browser.html


def test_why_claims_were_left_out_is_there_without_a_word_about_the_person(provider: Provider) -> None:
    made = register_by_program(provider)
    party = party_of(provider, made)
    browser = provider.browser()
    tokens = party.sign_in(browser, claims='{"userinfo":{"verified_claims":{"verification":{"trust_framework":null},'
                           '"claims":{"name":null}}}}')  # fmt: skip
    write_journal(provider.parts)
    notes = provider.parts.durable.list_client_notes(made["client_id"], provider.clock())
    page = prove(provider.browser(), made["client_id"], made["client_secret"])
    assert places(page) == [html.escape(note.where) for note in notes]
    for secret in (tokens["access_token"], tokens["id_token"], party.sub(tokens), "花子", "hanako"):
        assert secret not in page.html


def test_the_catalogue_has_every_code_to_link_to(provider: Provider) -> None:
    browser = provider.browser(**{"Accept-Language": "en"})
    browser.get("/sandbox/errors")
    for code in ("invalid_grant", "invalid_client", "constant_nonce", "left_out", "unsupported"):
        assert f'id="{code}"' in browser.html
    assert browser.last.status_code == 200


def test_a_pushed_request_that_came_too_late_is_told_as_what_it_is(provider: Provider) -> None:
    """It is a page to the person, and was a fault of ours to the developer."""
    made = register_by_program(provider)
    party = party_of(provider, made)
    pushed = party.pushed()
    provider.browser().authorize(pushed)
    provider.browser().authorize(pushed)
    write_journal(provider.parts)
    page = prove(provider.browser(), made["client_id"], made["client_secret"])
    assert 'href="/sandbox/errors#invalid_request_uri"' in page.html


@pytest.mark.parametrize(
    ("changed", "cure"),
    [
        ({"redirect_uri": "http://localhost:9000/cb/"}, "Send exactly a registered address"),
        ({"code_challenge": "", "code_challenge_method": ""}, "Turn on PKCE with S256"),
        ({"code_challenge_method": "plain"}, "Turn on PKCE with S256"),
        ({"prompt": "bogus"}, "Correct the parameter that the detail names"),
    ],
)
def test_what_to_do_about_a_mistake_at_the_beginning_is_not_about_the_token_endpoint(
    provider: Provider, changed: dict[str, str], cure: str
) -> None:
    made = register_by_program(provider)
    provider.browser().authorize(party_of(provider, made).request(**changed))
    write_journal(provider.parts)
    page = prove(provider.browser(**{"Accept-Language": "en"}), made["client_id"], made["client_secret"])
    assert cure in page.html
    assert "At the token endpoint" not in page.html


def test_the_page_of_a_refusal_that_only_its_developer_can_mend_leads_here(provider: Provider) -> None:
    party = party_of(provider, register_by_program(provider))
    browser = provider.browser()
    browser.authorize(party.request(redirect_uri="http://localhost:9000/cb/"))
    assert browser.last.status_code == 400
    assert f'href="{PATH}"' in browser.html
    browser.get("/no-such-page")
    assert f'href="{PATH}"' not in browser.html
    closed = provider.restart(IDP_REGISTRATION__MODE="off")
    browser = closed.browser()
    browser.authorize(party_of(closed, {"client_id": party.client.client_id}).request(redirect_uri="http://x.example/"))
    assert browser.last.status_code == 400
    assert f'href="{PATH}"' not in browser.html
    closed.close()


def test_the_first_page_of_a_sandbox_leads_to_both(provider: Provider) -> None:
    browser = provider.browser()
    browser.get("/")
    assert f'href="{REGISTER}"' in browser.html
    assert f'href="{PATH}"' in browser.html


@pytest.mark.parametrize(("mode", "found"), [("token", {PATH}), ("off", set())])
def test_where_not_everybody_may_register_only_what_there_is_is_offered(
    provider: Provider, mode: str, found: set[str]
) -> None:
    strict = provider.restart(IDP_REGISTRATION__MODE=mode)
    browser = strict.browser()
    for path in (REGISTER, PATH):
        browser.get("/")
        assert (f'href="{path}"' in browser.html) == (path in found)
        # Without the page the address would be that of a sign-in's test card, and there is no such sign-in.
        assert ('name="credential"' in browser.get(path).get_data(as_text=True)) == (path in found)
    strict.close()
