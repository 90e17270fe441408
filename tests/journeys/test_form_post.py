"""The form that carries an answer, in Chromium: by itself under the page's own policy, by its button without script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.pages_in_chromium import EVERY_PAGE, begin, check_signed_in, press_on
from tests.support.chromium import ClientSite, Person
from tests.support.headless_person import Request
from tests.support.running_provider import RegisteredClient, RunningProvider

pytestmark = [pytest.mark.browser, pytest.mark.journey]

NewPerson = Callable[..., Person]


@pytest.mark.parametrize("has_script", [True, False])
def test_an_answer_by_form_arrives_with_and_without_script(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson, *, has_script: bool
) -> None:
    tab = new_person(java_script_enabled=has_script).new_tab()
    request = Request(client, {"response_mode": "form_post", **EVERY_PAGE})
    begin(tab, provider, request)
    for _ in range(4):
        press_on(tab)
    if not has_script:
        tab.locator(f"form[action='{site.redirect_uri}'] button").click()
    expect(tab).to_have_url(site.redirect_uri)
    check_signed_in(provider, request, site.posted[-1])


def test_a_refusal_by_form_arrives_and_nobody_is_asked(
    provider: RunningProvider, client: RegisteredClient, site: ClientSite, new_person: NewPerson
) -> None:
    tab = new_person().new_tab()
    request = Request(client, {"response_mode": "form_post", "prompt": "none"})
    begin(tab, provider, request)
    expect(tab).to_have_url(site.redirect_uri)
    assert (site.posted[-1]["error"], site.posted[-1]["state"]) == ("login_required", request.state)
