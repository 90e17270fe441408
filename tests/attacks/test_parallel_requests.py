"""Many requests at once: one gets through, and no honest person is lost in the crowd."""

import json
from concurrent.futures import ThreadPoolExecutor

from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def test_fifty_parallel_posts_of_one_proof_are_one_success(presenter: PresenterDouble, browser: Browser) -> None:
    presenter.open()
    proof = presenter.proof()
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: presenter.call("proof", encode(proof)), range(50)))
    urls = {answer.get_json()["return_url"] for answer in answers if answer.status_code == 200}
    assert len(urls) == 1
    others = {(answer.status_code, answer.get_json()["error"]) for answer in answers if answer.status_code != 200}
    assert others <= {(409, "proof_in_progress")}
    # Whoever lost repeats the identical body and gets the one answer.
    assert presenter.prove(proof).get_json()["return_url"] in urls
    browser.get(urls.pop())
    assert browser.form("/new-browser")


def encode(proof: dict[str, str]) -> bytes:
    return json.dumps(proof).encode()


def test_fifty_parallel_different_proofs_spend_one_nonce(presenter: PresenterDouble) -> None:
    presenter.open()
    bodies = [encode(presenter.proof(presenter=f"double/{number}", algorithm="none")) for number in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda body: presenter.call("proof", body), bodies))
    refused = [answer.get_json()["tries_left"] for answer in answers if answer.status_code == 422]
    # Each try that was looked at had a nonce of its own.
    assert sorted(set(refused)) == sorted(refused)
    assert len(refused) <= 5


def test_parallel_openings_with_one_commitment_show_one_transaction(presenter: PresenterDouble) -> None:
    body = encode({"format": "mynumber-card/1", "commitment": presenter.commitment})
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: presenter.call("open", body), range(8)))
    nonces = {answer.get_json()["nonce"] for answer in answers if answer.status_code == 200}
    assert len(nonces) == 1
    assert {answer.status_code for answer in answers} <= {200, 409}


def test_parallel_openings_of_two_presenters_end_the_transaction(
    presenter: PresenterDouble, browser: Browser, provider: Provider
) -> None:
    card = provider.cards["taro"].user_authentication
    thief = PresenterDouble(provider.app, presenter.issuer, card, presenter.handle)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda either: either.open(), (presenter, thief)))
    if {answer.status_code for answer in answers} == {200, 409}:
        # One was told to ask again, and does.
        loser = (presenter, thief)[[answer.status_code for answer in answers].index(409)]
        assert loser.open().status_code == 410
    assert presenter.prove().status_code in (410, 401)
    assert thief.prove().status_code in (410, 401)


def test_parallel_uses_of_the_return_address_make_one_code(provider: Provider, relying_party: RelyingParty) -> None:
    browser = provider.browser()
    relying_party.sign_in(browser)
    browser.authorize(relying_party.request(prompt="login"))
    card = provider.cards["hanako"].user_authentication
    return_url = PresenterDouble(provider.app, provider.settings.issuer, card, browser.handle).present()
    grants = provider.count_rows("grants")
    tabs = [browser.copy() for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda tab: tab.request("GET", return_url), tabs))
    codes = [answer for answer in answers if "code=" in answer.headers.get("Location", "")]
    assert len(codes) == 1
    assert provider.count_rows("grants") == grants + 1
    assert {answer.status_code for answer in answers} <= {303, 410}


def test_parallel_posts_of_consent_make_no_grant_without_a_code_for_this_browser(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    browser.authorize(relying_party.request())
    browser.use_sandbox_card()
    browser.submit("/new-browser")
    form = browser.form("/consent")
    tabs = [browser.copy() for _ in range(10)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda tab: tab.request("POST", form.action, data=form.fields | {"decision": "allow"}), tabs)
        )
    codes = {answer.headers["Location"] for answer in answers if "code=" in answer.headers.get("Location", "")}
    assert len(codes) == 1
    assert provider.count_rows("grants") == 1
    # Who came too late is told so, or to come again.
    assert {answer.status_code for answer in answers} <= {303, 410, 503}


def test_one_card_in_many_browsers_at_once_opens_one_account(provider: Provider, relying_party: RelyingParty) -> None:
    browsers = [provider.browser() for _ in range(8)]
    for browser in browsers:
        browser.authorize(relying_party.request())
        browser.use_sandbox_card()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda browser: browser.agree(), browsers))
    subs = {relying_party.sub(relying_party.tokens(browser.last)) for browser in browsers}
    assert len(subs) == 1
    assert provider.count_rows("accounts") == 1
