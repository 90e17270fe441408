"""What a person does on the pages in Chromium; words are those of no language: links and forms by their addresses."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from tests.support.chromium import ClientSite
from tests.support.headless_person import CARD_AMR, BackChannel, Request, check_id_token
from tests.support.running_provider import RunningProvider

SIGN_IN, SANDBOX, NEW_BROWSER, CONSENT = "sign-in", "sandbox", "new-browser", "consent"
_MARKS = {
    SIGN_IN: "a[href^='mynumber-card:']",
    SANDBOX: "input[name=person]",
    NEW_BROWSER: "form[action$='/new-browser']",
    CONSENT: "form[action$='/consent']",
}
# Consent is remembered for a person and a client; journeys that share a provider ask for it.
EVERY_PAGE = {"prompt": "consent"}
STEPS = (SIGN_IN, SANDBOX, NEW_BROWSER, CONSENT)


def begin(tab: Page, provider: RunningProvider, request: Request) -> None:
    """Arrive from the client."""
    tab.goto(provider.issuer + request.path)


def stands_at(tab: Page) -> str:
    """Which step the tab shows."""
    (step,) = [step for step, mark in _MARKS.items() if tab.locator(mark).count()]
    return step


def expect_step(tab: Page, step: str) -> None:
    """Wait until the tab shows a step."""
    expect(tab.locator(_MARKS[step]).first).to_be_attached()


def press_on(tab: Page, person: str = "hanako") -> None:
    """Do what leads on from the step that the tab shows."""
    step = stands_at(tab)
    if step == SIGN_IN:
        tab.locator("a[href^='/sandbox/']").click()
    elif step == SANDBOX:
        tab.locator(f"#person-{person}").check()
        tab.locator("form[action^='/sandbox/'] button").click()
    elif step == NEW_BROWSER:
        tab.locator("form[action$='/new-browser'] button").click()
    else:
        tab.locator("button[value=allow]").click()
    tab.wait_for_load_state()


def finish_in(tab: Page, site: ClientSite, person: str = "hanako") -> dict[str, str]:
    """Go on until the client's callback; what it was given."""
    for _ in range(8):
        if tab.url.startswith(site.origin):
            return site.answer_at(tab.url)
        press_on(tab, person)
    raise AssertionError(f"no end at {tab.url}")


def check_signed_in(
    provider: RunningProvider, request: Request, answer: dict[str, str], amr: frozenset[str] = CARD_AMR
) -> str:
    """Establish that a callback's code gets a whole ID token; its ``sub``."""
    assert answer["state"] == request.state
    assert answer["iss"] == provider.issuer
    back_channel = BackChannel(provider.issuer)
    response = back_channel.redeem(request, answer["code"])
    assert response.status_code == 200, response.text
    claims = back_channel.claims(response.json()["id_token"])
    check_id_token(
        claims,
        issuer=provider.issuer,
        client_id=request.client.client_id,
        nonce=request.nonce,
        now=time.time(),
        amr=amr,
    )
    return str(claims["sub"])
