"""Fixtures of a test that has one provider and no network; a folder gets them by naming them in its conftest."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider, make_provider
from tests.support.relying_party import RelyingParty


@pytest.fixture(autouse=True)
def without_network(socket_disabled: None) -> None:
    """Everything happens in this process."""


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    """A fresh installation."""
    running = make_provider(tmp_path)
    yield running
    running.close()
    structlog.reset_defaults()


@pytest.fixture
def relying_party(provider: Provider) -> RelyingParty:
    """A confidential client."""
    return provider.relying_party()


@pytest.fixture
def browser(provider: Provider, relying_party: RelyingParty) -> Browser:
    """A browser on the sign-in page of ``relying_party``."""
    fresh = provider.browser()
    assert fresh.authorize(relying_party.request()).status_code == 200
    return fresh


@pytest.fixture
def present_with(provider: Provider) -> Callable[..., PresenterDouble]:
    """Make a presenter with a person's card."""

    def make(handle: str, person: str = "hanako") -> PresenterDouble:
        card = provider.cards[person].user_authentication
        return PresenterDouble(provider.app, provider.settings.issuer, card, handle)

    return make


@pytest.fixture
def presenter(browser: Browser, present_with: Callable[..., PresenterDouble]) -> PresenterDouble:
    """The honest presenter of ``browser``'s sign-in, with an ordinary card."""
    return present_with(browser.handle)


@pytest.fixture
def browser_presenter(browser: Browser, present_with: Callable[..., PresenterDouble]) -> Callable[..., PresenterDouble]:
    """A presenter of ``browser``'s sign-in with the card of a person of the test's choice."""
    return lambda person: present_with(browser.handle, person)
