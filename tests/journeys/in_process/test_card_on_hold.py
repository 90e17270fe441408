"""A card on hold is refused for as long as the hold lasts, and nothing is lost by it (RFC 5280 §5.3.1)."""

from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.sandbox.authority import digest_for
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty


def put_on_hold(provider: Provider, person: str) -> None:
    """Publish and index a list that names a person's certificate as on hold."""
    provider.clock.advance(60)
    pki, now = provider.parts.sandbox[0], provider.clock()  # type: ignore[index]
    card = provider.cards[person].user_authentication
    authority = next(found for found in pki.authorities if found.name == card.authority)
    path = authority.directory / f"{authority.name}.crl"
    entry = x509.RevokedCertificateBuilder().serial_number(int.from_bytes(card.serial, "big")).revocation_date(now)
    entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.certificate_hold), critical=False)
    builder = x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject).last_update(now)
    builder = builder.next_update(now + timedelta(days=7)).add_revoked_certificate(entry.build())
    builder = builder.add_extension(x509.CRLNumber(authority.crl_number(path) + 1), critical=False)
    crl = builder.sign(authority.private_key, digest_for(authority.private_key))
    path.write_bytes(crl.public_bytes(Encoding.DER))
    provider.index_lists()


def show_card_on_hold(provider: Provider, party: RelyingParty, browser: Browser) -> None:
    browser.authorize(party.request(prompt="login"))
    browser.use_sandbox_card()
    # The page says that it is a hold, and that the account stays.
    assert "一時停止" in browser.title
    assert "アカウントはそのまま" in browser.html
    assert browser.form("/restart")


def test_a_card_on_hold_is_refused_and_signs_the_same_person_in_when_the_hold_has_ended(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    before = party.sign_in(browser)
    put_on_hold(provider, "hanako")
    show_card_on_hold(provider, party, browser)
    assert provider.count_rows("credentials", "state = 'active'") == provider.count_rows("credentials") == 1
    assert provider.count_rows("accounts", "state = 'active'") == 1
    provider.clock.advance(60)
    provider.refresh_lists()
    browser.authorize(party.request(prompt="login"))
    browser.use_sandbox_card()
    assert party.sub(party.tokens(browser.last)) == party.sub(before)


def test_a_presenter_is_told_of_the_hold_and_the_audit_keeps_it(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    party.sign_in(provider.browser())
    put_on_hold(provider, "hanako")
    browser.authorize(party.request())
    card = provider.cards["hanako"].user_authentication
    presenter = PresenterDouble(provider.app, provider.settings.issuer, card, browser.handle)
    presenter.open()
    answer = presenter.prove()
    assert (answer.status_code, answer.get_json()["error"]) == (422, "on_hold")
    events = [(event, said) for event, _, txn, said in provider.audit_events() if txn == presenter.transaction["txn"]]
    assert events == [("card_refused", "on_hold")]


def test_a_card_that_was_never_here_opens_no_account_while_on_hold(provider: Provider) -> None:
    put_on_hold(provider, "hanako")
    show_card_on_hold(provider, provider.relying_party(), provider.browser())
    assert provider.count_rows("accounts") == 0
    assert provider.count_rows("credentials") == 0


def test_a_card_on_hold_that_is_then_revoked_ends_for_good(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    tokens = party.sign_in(browser)
    put_on_hold(provider, "hanako")
    show_card_on_hold(provider, party, browser)
    provider.parts.sandbox[0].revoke(provider.cards["hanako"].user_authentication, provider.clock())  # type: ignore[index]
    provider.clock.advance(60)
    provider.refresh_lists()
    browser.authorize(party.request(prompt="login"))
    browser.use_sandbox_card()
    assert provider.count_rows("credentials", "state = 'revoked'") == 1
    assert party.userinfo(tokens["access_token"]).status_code == 401
