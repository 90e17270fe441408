"""A card found revoked ends at once, with everything that came of it; a status nobody knows is never a yes."""

import shutil

from tests.attacks.refusals import assert_card_refused
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def begin(provider: Provider, party: RelyingParty, person: str = "hanako") -> PresenterDouble:
    browser = provider.browser()
    browser.authorize(party.request())
    card = provider.cards[person].user_authentication
    return PresenterDouble(provider.app, provider.settings.issuer, card, browser.handle)


def revoke(provider: Provider, person: str) -> None:
    provider.clock.advance(60)
    provider.parts.sandbox[0].revoke(provider.cards[person].user_authentication, provider.clock())  # type: ignore[index]
    provider.refresh_lists()


def test_a_revoked_card_ends_its_credential_sessions_grants_and_tokens(provider: Provider) -> None:
    """R16."""
    party = provider.relying_party(grant_types=["authorization_code", "refresh_token"])
    browser = provider.browser()
    tokens = party.sign_in(browser)
    bystander = provider.browser()
    others = party.sign_in(bystander, "taro")
    revoke(provider, "hanako")
    presenter = begin(provider, party)
    presenter.open()
    assert_card_refused(presenter.prove(), "revoked")
    assert provider.count_rows("browser_sessions") == 1
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    browser.authorize(party.request(prompt="none"))
    assert party.answer(browser.last)["error"] == "login_required"
    events = [
        (event, outcome) for event, _, txn, outcome in provider.audit_events() if txn == presenter.transaction["txn"]
    ]
    assert events == [("card_refused", "revoked"), ("credential_revoked", "")]
    assert party.userinfo(others["access_token"]).status_code == 200
    assert party.refresh(others["refresh_token"]).status_code == 200


def test_a_revocation_is_remembered_when_the_list_forgets_it(provider: Provider) -> None:
    party = provider.relying_party()
    party.sign_in(provider.browser())
    indexes = provider.settings.jpki.crl_index_directory
    shutil.copytree(indexes, provider.directory / "before")
    revoke(provider, "hanako")
    presenter = begin(provider, party)
    presenter.open()
    presenter.prove()
    shutil.rmtree(indexes)
    shutil.copytree(provider.directory / "before", indexes)
    provider.clock.advance(60)
    browser = provider.browser()
    browser.authorize(party.request())
    browser.use_sandbox_card()
    browser.agree()
    assert browser.form("/restart")
    assert not any("session" in name for name in browser.cookies)


def test_the_certificate_alone_revokes_nothing(provider: Provider) -> None:
    party = provider.relying_party()
    tokens = party.sign_in(provider.browser())
    revoke(provider, "hanako")
    presenter = begin(provider, party)
    presenter.open()
    # Somebody who read the certificate without the PIN has no signature.
    proof = presenter.proof(signature="A" * 342)
    assert_card_refused(presenter.prove(proof), "bad_signature")
    assert party.userinfo(tokens["access_token"]).status_code == 200


def test_without_a_status_list_nobody_gets_in(provider: Provider, presenter: PresenterDouble) -> None:
    shutil.rmtree(provider.settings.jpki.crl_index_directory)
    presenter.open()
    assert_card_refused(presenter.prove(), "status_unavailable", status=503)
    assert provider.count_rows("accounts") == 0


def test_a_list_that_nobody_renewed_is_stale(provider: Provider, relying_party: RelyingParty) -> None:
    provider.clock.advance(provider.settings.jpki.status_max_age_seconds + 1)
    presenter = begin(provider, relying_party)
    presenter.open()
    assert_card_refused(presenter.prove(), "status_stale", status=503)


def test_a_damaged_list_is_no_status(provider: Provider, presenter: PresenterDouble) -> None:
    for path in provider.settings.jpki.crl_index_directory.iterdir():
        if path.stat().st_size:
            path.write_bytes(b"\0" * 64)
    presenter.open()
    assert_card_refused(presenter.prove(), "status_unavailable", status=503)


def test_when_the_status_is_known_again_the_same_presenter_goes_on(
    provider: Provider, presenter: PresenterDouble
) -> None:
    indexes = provider.settings.jpki.crl_index_directory
    indexes.rename(provider.directory / "away")
    presenter.open()
    presenter.prove()
    (provider.directory / "away").rename(indexes)
    assert presenter.prove().status_code == 200


def test_the_cards_of_the_cast_that_are_revoked_or_expired_open_no_account(
    provider: Provider, relying_party: RelyingParty
) -> None:
    for person, reason in (("revoked", "revoked"), ("expired", "expired")):
        presenter = begin(provider, relying_party, person)
        presenter.open()
        assert_card_refused(presenter.prove(), reason)
    assert provider.count_rows("accounts") == 0
