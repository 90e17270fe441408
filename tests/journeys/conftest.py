"""What journeys share: one sandbox to copy from, one Chromium, one provider for journeys that change nothing in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import ClientSite, Person, running_chromium, running_client_site
from tests.support.running_provider import RegisteredClient, RunningProvider, running_sandbox, sandbox_prototype


@pytest.fixture(scope="session")
def prototype(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sandbox_prototype(tmp_path_factory)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site() -> Iterator[ClientSite]:
    with running_client_site() as running:
        yield running


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory, prototype: Path) -> Iterator[RunningProvider]:
    with running_sandbox(tmp_path_factory.mktemp("journey") / "idp", prototype) as running:
        yield running


@pytest.fixture(scope="module")
def client(provider: RunningProvider, site: ClientSite) -> RegisteredClient:
    return provider.add_client(site.redirect_uri, client_uri=site.origin)


@pytest.fixture
def new_person(chromium: Browser) -> Iterator[Callable[..., Person]]:
    """Makes people with browsers of their own; at the end no page of theirs may have complained."""
    people: list[Person] = []

    def make(**options: Any) -> Person:
        people.append(Person(chromium, **{"locale": "ja-JP", **options}))
        return people[-1]

    yield make
    for person in people:
        person.close()
