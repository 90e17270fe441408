"""The page after a sign-out in Chromium: what its frames reach, and what a client's answer in one can do."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.pages_in_chromium import SIGN_IN, begin, press_on, stands_at
from tests.support.chromium import Person
from tests.support.framed_site import ANSWERS, FramedSite, running_framed_site
from tests.support.headless_person import BackChannel, Request
from tests.support.running_provider import RegisteredClient, RunningProvider

pytestmark = [pytest.mark.browser, pytest.mark.journey]

NewPerson = Callable[..., Person]


@dataclass
class Service:
    """A client with its site; ``sid`` is that of its last ID token."""

    site: FramedSite
    client: RegisteredClient
    provider: RunningProvider
    id_token: str = ""
    sid: str = ""

    def sign_in(self, tab: Page) -> None:
        """A whole sign-in, to the tokens."""
        request = Request(self.client)
        begin(tab, self.provider, request)
        for _ in range(8):
            if tab.url.startswith(self.site.origin):
                break
            press_on(tab)
        code = next(each.query["code"] for each in reversed(self.site.asked) if each.path == "/callback")
        back_channel = BackChannel(self.provider.issuer)
        self.id_token = back_channel.redeem(request, code).json()["id_token"]
        self.sid = back_channel.claims(self.id_token)["sid"]

    def sign_out(self, tab: Page, *, wait_until: str = "load") -> None:
        """Send the person to the provider to be signed out."""
        asked = {"id_token_hint": self.id_token, "post_logout_redirect_uri": self.back, "state": "s t"}
        tab.goto(f"{self.provider.issuer}/end-session?{urlencode(asked)}", wait_until=wait_until)  # type: ignore[arg-type]

    @property
    def back(self) -> str:
        return f"{self.site.origin}/bye"


@dataclass
class Town:
    """Three services, registered once: two on the provider's own site, in the sense of cookies, and one on another."""

    library: Service
    museum: Service
    stranger: Service


def make_service(provider: RunningProvider, site: FramedSite) -> Service:
    client = provider.add_client(
        site.redirect_uri, frontchannel_logout_uri=site.logout_uri, frontchannel_logout_session_required=True,
        post_logout_redirect_uris=[f"{site.origin}/bye"],
    )  # fmt: skip
    return Service(site, client, provider)


@pytest.fixture(scope="module")
def town(provider: RunningProvider) -> Iterator[Town]:
    with running_framed_site() as first, running_framed_site() as second, running_framed_site("localhost") as third:
        yield Town(*(make_service(provider, site) for site in (first, second, third)))


@pytest.fixture
def library(town: Town) -> Service:
    town.library.site.begin_anew()
    return town.library


@pytest.fixture
def museum(town: Town) -> Service:
    town.museum.site.begin_anew()
    return town.museum


@pytest.fixture
def stranger(town: Town) -> Service:
    town.stranger.site.begin_anew()
    return town.stranger


def wait_until_told(service: Service) -> None:
    for _ in range(100):
        if service.site.told():
            return
        time.sleep(0.05)
    raise AssertionError("nothing came")


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_a_sign_out_at_one_service_loads_the_others_address_and_leads_back(
    library: Service, museum: Service, stranger: Service, new_person: NewPerson, java_script_enabled: bool
) -> None:
    """Front-Channel Logout §2, §3; RP-Initiated Logout §3."""
    tab = new_person(java_script_enabled=java_script_enabled).new_tab()
    for service in (stranger, museum, library):
        service.sign_in(tab)

    library.sign_out(tab)
    tab.wait_for_url(library.back + "?state=s%20t")

    for service in (library, museum, stranger):
        [told] = service.site.told()
        assert told.query == {"tenant": "1", "iss": service.provider.issuer, "sid": service.sid}
        assert told.referer is None
    begin(tab, library.provider, Request(library.client))
    assert stands_at(tab) == SIGN_IN


def test_a_lax_cookie_reaches_a_service_of_the_same_site_and_none_of_another(
    library: Service, museum: Service, stranger: Service, new_person: NewPerson
) -> None:
    """What docs/logout.md says does not work: no browser sends a Lax cookie into another site's frame."""
    tab = new_person().new_tab()
    for service in (stranger, museum, library):
        service.sign_in(tab)
    library.sign_out(tab)
    tab.wait_for_url(library.back + "*")
    assert museum.site.told()[0].has_cookie
    assert not stranger.site.told()[0].has_cookie
    # Also what the answer loads: without allow-same-origin the frame would be a stranger to its own site.
    assert [each.has_cookie for each in museum.site.asked if each.path == "/pixel"] == [True]


def test_a_service_that_never_answers_delays_the_way_back_and_not_the_button(
    library: Service, museum: Service, new_person: NewPerson
) -> None:
    tab = new_person().new_tab()
    museum.sign_in(tab)
    library.sign_in(tab)
    museum.site.answer = "hang"
    library.sign_out(tab, wait_until="commit")
    wait_until_told(museum)
    tab.locator(f"a[href^='{library.back}']").click(no_wait_after=True)
    tab.wait_for_url(library.back + "?state=s%20t")
    begin(tab, library.provider, Request(library.client))
    assert stands_at(tab) == SIGN_IN


@pytest.mark.parametrize("answer", [name for name in ANSWERS if name != "signed out"])
def test_whatever_a_service_answers_the_page_stays_ours_and_leads_back(
    answer: str, library: Service, museum: Service, stranger: Service, new_person: NewPerson
) -> None:
    person = new_person(accept_downloads=True)
    tab = person.new_tab()
    happened: list[str] = []
    tab.on("dialog", lambda dialog: (happened.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    tab.on("download", lambda _: happened.append("download"))
    person.context.on("page", lambda page: happened.append(f"window: {page.url}"))
    stranger.sign_in(tab)
    library.sign_in(tab)
    stranger.site.answer, stranger.site.elsewhere = answer, museum.site.origin
    library.sign_out(tab, wait_until="commit")
    wait_until_told(stranger)

    expect(tab.locator("h1")).to_have_text("ログアウトしました")
    assert tab.url.startswith(library.provider.issuer)
    for frame in tab.locator("iframe").all():
        assert frame.bounding_box() is None
    tab.wait_for_url(library.back + "?state=s%20t")

    assert happened == []
    for service in (library, museum, stranger):
        assert [each.path for each in service.site.asked if "evil" in each.path] == []
    # Chromium says in the console what it kept the answer from; about our own page it says nothing.
    assert all("evil" not in complaint or "frame" in complaint.lower() for complaint in person.complaints)
    person.complaints.clear()
