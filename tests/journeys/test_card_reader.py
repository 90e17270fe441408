"""Chromium, the desktop agent, pcscd, vpcd and the virtual card: what a person at a desk has, from end to end."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from idp.sandbox.card.personalise import personalise
from idp.sandbox.installation import prepare_sandbox
from tests.journeys.pages_in_chromium import EVERY_PAGE, NEW_BROWSER, begin, check_signed_in, expect_step, finish_in
from tests.support.chromium import ClientSite, Person
from tests.support.headless_person import CARD_AMR, Agent, Request
from tests.support.pcscd import RunningPcscd, running_pcscd
from tests.support.running_provider import RegisteredClient, RunningProvider

pytestmark = [pytest.mark.browser, pytest.mark.journey, pytest.mark.pcsc, pytest.mark.serial]


@pytest.fixture(scope="module")
def pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPcscd]:
    with running_pcscd(tmp_path_factory.mktemp("pcscd")) as running:
        yield running


@pytest.fixture
def insert(provider: RunningProvider, pcscd: RunningPcscd) -> Iterator[Callable[[str], None]]:
    pki, cards = prepare_sandbox(provider.directory / "sandbox", datetime.now(UTC))
    with ExitStack() as inserted:

        def put_in(person: str) -> None:
            card = pcscd.insert(personalise(cards[person], pki))
            inserted.callback(pcscd.wait_until_empty)
            inserted.callback(card.close)

        yield put_in


@pytest.mark.parametrize(
    ("person", "locale", "amr"),
    [("hanako", "ja-JP", CARD_AMR), ("taro", "en-GB", CARD_AMR), ("phone", "ja-JP", frozenset({"hwk"}))],
)
def test_person_signs_in_with_a_card_in_a_reader(
    provider: RunningProvider,
    client: RegisteredClient,
    site: ClientSite,
    new_person: Callable[..., Person],
    pcscd: RunningPcscd,
    insert: Callable[[str], None],
    tmp_path: Path,
    person: str,
    locale: str,
    amr: frozenset[str],
) -> None:
    insert(person)
    tab, request = new_person(locale=locale).new_tab(), Request(client, EVERY_PAGE)
    begin(tab, provider, request)
    link = tab.locator("a[href^='mynumber-card:']").get_attribute("href")
    assert link

    return_url = Agent(tmp_path, provider.issuer, "pcsc", pcscd.environment).return_url(link)
    tab.goto(return_url)

    expect_step(tab, NEW_BROWSER)
    check_signed_in(provider, request, finish_in(tab, site), amr)
