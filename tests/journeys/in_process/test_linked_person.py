"""With a platform operator: one person, one account, whatever happens to their card; without its answer, nobody new."""

from dataclasses import replace

import httpx
import pytest
from joserfc.jwk import ECKey

from idp.app import create_app
from idp.outbound.circuit_breaker import CircuitBreaker
from idp.outbound.operator_client import Chance, OperatorClient, OperatorLimits
from idp.outbound.operator_credentials import AssertionSigner
from idp.sandbox.operator.answers import OperatorAnswers
from idp.sandbox.operator.application import OperatorApplication
from idp.sandbox.operator.client_key import ensure_client_key
from idp.sandbox.operator.life_event import CastLife
from idp.sandbox.operator.misbehaviour import Misbehaviour
from tests.support.provider import Provider

URL = "http://127.0.0.1:8093/idp-operator/v1"


def with_operator(provider: Provider, misbehaviour: Misbehaviour = "none") -> Provider:
    """The same installation, which asks an operator in this process from now on."""
    again = provider.restart(IDP_OPERATOR_PLATFORM__URL=URL, IDP_OPERATOR_PLATFORM__LINKAGE="true")
    pki = again.parts.sandbox[0]  # type: ignore[index]
    key = ensure_client_key(pki.directory).read_text("ascii")
    application = OperatorApplication(
        OperatorAnswers(pki), ECKey.import_key(key), URL, misbehaviour=misbehaviour, clock=again.clock
    )
    operator = OperatorClient(
        URL,
        CircuitBreaker(100, 30),
        signer=AssertionSigner("sandbox", URL, key),
        limits=OperatorLimits(5, 1),
        chance=Chance(again.clock),
        transport=httpx.WSGITransport(application),
    )
    again.parts = replace(again.parts, operator=operator)
    again.app = create_app(again.parts)
    return again


def happen(provider: Provider, event: str, *arguments: str) -> None:
    provider.clock.advance(60)
    life = CastLife(provider.parts.sandbox[0])  # type: ignore[index]
    getattr(life, event)("hanako", *arguments, provider.clock())
    provider.clock.advance(60)
    provider.refresh_lists()


def test_after_a_renewal_two_clients_know_the_same_person_as_before(provider: Provider) -> None:
    linked = with_operator(provider)
    parties = [linked.relying_party(), linked.relying_party()]
    before = [party.sub(party.sign_in(linked.browser())) for party in parties]
    for event in (("renew",), ("revoke",), ("renew",), ("move", "新しい町")):
        happen(linked, *event)
        if event == ("revoke",):
            continue
        assert [party.sub(party.sign_in(linked.browser())) for party in parties] == before
    assert linked.count_rows("accounts") == 1
    assert linked.count_rows("account_links") == 1
    assert linked.count_rows("credentials") == 3
    linked.close()


@pytest.mark.parametrize("misbehaviour", ["garbage", "error", "refused", "other-request"])
def test_while_the_operator_does_not_answer_no_account_is_opened(
    provider: Provider, misbehaviour: Misbehaviour
) -> None:
    down = with_operator(provider, misbehaviour)
    browser = down.browser()
    browser.authorize(down.relying_party().request())
    page = browser.use_sandbox_card()
    assert page.status_code == 200
    assert [down.count_rows(table) for table in ("accounts", "credentials", "account_links")] == [0, 0, 0]
    assert ("card_refused", "linkage_unavailable") in [(event, outcome) for event, _, _, outcome in down.audit_events()]
    down.close()


def test_a_linked_person_signs_in_although_the_operator_is_down(provider: Provider) -> None:
    linked = with_operator(provider)
    party = linked.relying_party()
    before = party.sub(party.sign_in(linked.browser()))
    down = with_operator(linked, "error")
    returning = party.at(down.app)
    assert returning.sub(returning.sign_in(down.browser())) == before
    down.close()


def test_somebody_who_was_here_before_the_operator_stays_who_they_are(provider: Provider) -> None:
    party = provider.relying_party()
    before = party.sub(party.sign_in(provider.browser()))
    linked = with_operator(provider)
    returning = party.at(linked.app)
    assert returning.sub(returning.sign_in(linked.browser())) == before
    happen(linked, "renew")
    assert returning.sub(returning.sign_in(linked.browser())) == before
    linked.close()


def test_two_persons_are_two_accounts(provider: Provider) -> None:
    linked = with_operator(provider)
    party = linked.relying_party()
    assert party.sub(party.sign_in(linked.browser())) != party.sub(party.sign_in(linked.browser(), "taro"))
    assert linked.count_rows("account_links") == 2
    linked.close()
