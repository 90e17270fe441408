"""The process dies before some write, or before its answer arrives: nothing is half-written, and a reload goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider, make_provider
from tests.support.relying_party import RelyingParty


class Killed(BaseException):
    """Nothing catches SIGKILL, so nothing may catch this."""


class Reaper:
    """Kills the process before its n-th write, once; to die before a read is to die after the write before it."""

    def __init__(self, before: int) -> None:
        self.before = before
        self.seen = 0

    def __call__(self, sql: str) -> None:
        self.seen += not sql.lstrip().startswith("SELECT")
        if self.seen == self.before:
            self.before = -1
            raise Killed


class Life:
    """A sign-in whose every request is repeated by the person when the provider died on it."""

    def __init__(self, directory: Path, before: int) -> None:
        self.provider = make_provider(directory)
        self.party: RelyingParty = self.provider.relying_party()
        self.browser: Browser = self.provider.browser()
        self.deaths = 0
        self._strike_with(Reaper(before))

    def _strike_with(self, reaper: Reaper | None) -> None:
        self.provider.durable.strike = self.provider.transient.strike = reaper

    def survive(self, step: Callable[[], object]) -> None:
        """Do it; if the provider dies, start it again and do the same once more."""
        try:
            step()
        except Killed:
            self.deaths += 1
            cookies = self.browser.cookies
            seen = self.browser.seen
            self.provider = self.provider.restart()
            # A process is not back in the same moment, and its clock goes on.
            self.provider.clock.advance(3)
            self.party = self.party.at(self.provider.app)
            self.browser = self.provider.browser()
            self.browser.cookies, self.browser.seen = cookies, seen
            step()

    def live(self) -> None:
        request = self.party.request()
        verifier = self.party.code_verifier
        self.survive(lambda: self.browser.authorize(request))
        presenter = self.presenter()
        self.survive(lambda: self.at_this(presenter).open())
        proof = presenter.proof()
        answers: list[str] = []

        def prove() -> None:
            answer = self.at_this(presenter).prove(proof)
            if answer.status_code != 200:
                # Killed while the proof was being checked: its nonce is spent, so open again after the limit.
                self.provider.clock.advance(20)
                assert presenter.open().status_code == 200
                answer = presenter.prove()
            answers.append(answer.get_json()["return_url"])

        self.survive(prove)
        self.survive(lambda: self.browser.get(answers[-1]))
        for _ in range(4):
            if self.browser.last.status_code != 200:
                break
            action = "/new-browser" if "new-browser" in self.browser.html else "/consent"
            form = self.browser.form(action)
            self.survive(lambda form=form: self.browser.post(form.action, form.fields | {"decision": "allow"}))
        self.party.code_verifier = verifier
        code = self.party.code(self.browser.last)
        redeemed: list[dict[str, str]] = []
        self.survive(lambda: redeemed.append(self.party.redeem(code, code_verifier=verifier).get_json()))
        self._strike_with(None)
        tokens = redeemed[-1]
        if tokens.get("error") == "invalid_grant":
            # The code was spent and its tokens went down with the process; the session leads on without the card.
            self.browser.authorize(self.party.request())
            tokens = self.party.tokens(self.browser.last)
        assert self.party.userinfo(tokens["access_token"]).status_code == 200

    def presenter(self) -> PresenterDouble:
        card = self.provider.cards["hanako"].user_authentication
        return PresenterDouble(self.provider.app, self.provider.settings.issuer, card, self.browser.handle)

    def at_this(self, presenter: PresenterDouble) -> PresenterDouble:
        presenter._http.application = self.provider.app
        return presenter


def assert_nothing_half_written(provider: Provider) -> None:
    for table in ("accounts", "credentials", "subjects"):
        assert provider.count_rows(table) == 1, table
    live = "code_spent_at IS NOT NULL AND revoked_at IS NULL"
    assert provider.count_rows("grants", live) == 1
    assert provider.count_rows("access_tokens", f"grant_id IN (SELECT grant_id FROM grants WHERE {live})") == 1
    events = [event for event, *_ in provider.audit_events()]
    assert events.count("account_opened") == 1
    assert events.count("consent_given") >= 1
    assert provider.count_rows("browser_sessions") <= events.count("signed_in")


def count_writes(tmp_path: Path) -> int:
    life = Life(tmp_path / "whole", before=-1)
    counted = Reaper(-1)
    life._strike_with(counted)
    life.live()
    assert_nothing_half_written(life.provider)
    life.provider.close()
    return counted.seen


# Each part tries every fourth write, so that workers can share them.
@pytest.mark.parametrize("part", range(4))
def test_whatever_write_the_process_dies_before_the_person_goes_on(tmp_path: Path, part: int) -> None:
    writes = count_writes(tmp_path)
    assert writes > 15
    for before in range(1 + part, writes + 1, 4):
        life = Life(tmp_path / str(before), before)
        life.live()
        assert life.deaths == 1, before
        assert_nothing_half_written(life.provider)
        life.provider.close()


STEPS = ("authorize", "return", "new-browser", "consent")


@pytest.mark.parametrize("lost", STEPS)
def test_an_answer_that_never_arrived_is_asked_for_again(provider: Provider, lost: str) -> None:
    party, browser = provider.relying_party(), provider.browser()
    card = provider.cards["hanako"].user_authentication

    def step(name: str, action: Callable[[Browser], object]) -> None:
        if name == lost:
            twin = browser.copy()
            twin.seen = list(browser.seen)
            action(twin)
        action(browser)

    request = party.request()
    step("authorize", lambda one: one.authorize(request))
    return_url = PresenterDouble(provider.app, provider.settings.issuer, card, browser.handle).present()
    step("return", lambda one: one.get(return_url))
    new_browser = browser.form("/new-browser")
    step("new-browser", lambda one: one.post(new_browser.action, new_browser.fields))
    if lost == "new-browser":
        browser.get(new_browser.action.rpartition("/")[0])
    consent = browser.form("/consent")
    step("consent", lambda one: one.post(consent.action, consent.fields | {"decision": "allow"}))
    assert party.sub(party.tokens(browser.last))
    assert provider.count_rows("accounts") == 1


def test_a_proof_that_died_while_it_was_checked_frees_the_presenter_after_a_while(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    browser.authorize(party.request())
    card = provider.cards["hanako"].user_authentication
    presenter = PresenterDouble(provider.app, provider.settings.issuer, card, browser.handle)
    presenter.open()

    def die_at_the_second_update(sql: str, updates: list[str] = []) -> None:  # noqa: B006 - counts across calls
        if "UPDATE" in sql:
            updates.append(sql)
        if len(updates) == 2:
            raise Killed

    provider.transient.strike = die_at_the_second_update
    with pytest.raises(Killed):
        presenter.prove()
    provider.transient.strike = None
    assert presenter.prove().get_json()["error"] == "proof_in_progress"
    assert presenter.open().get_json()["error"] == "proof_in_progress"
    spent = presenter.nonce
    provider.clock.advance(16)
    assert presenter.open().status_code == 200
    assert presenter.nonce != spent
    assert presenter.prove().status_code == 200
