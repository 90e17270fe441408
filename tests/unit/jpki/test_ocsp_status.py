"""A responder is asked once in a while, never without being configured, and forgotten answers are asked for again."""

from datetime import datetime, timedelta

import pytest

from idp.jpki.certificate import parse_certificate
from idp.jpki.chain import ChainedCertificate, verify_chain
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.jpki.ocsp import VerifiedOcspAnswer
from idp.jpki.ocsp_cache import OcspCache
from idp.jpki.ocsp_status import OcspResponder, OcspRevocation
from idp.jpki.ports import StatusState
from idp.jpki.profile import CARD_USER_AUTHENTICATION
from tests.unit.jpki.certificates import NOW, Leaf, rsa_key, trust
from tests.unit.jpki.ocsp_responses import ANCHOR, NONCE, REVOKED, UNKNOWN, Response, one
from tests.unit.jpki.revocation_lists import HOUR

SECOND = timedelta(seconds=1)


def chained(leaf: Leaf | None = None) -> ChainedCertificate:
    return verify_chain(parse_certificate((leaf or Leaf()).der()), CARD_USER_AUTHENTICATION, trust(), NOW)


class Responder:
    def __init__(self, *responses: Response | CardUnverifiable) -> None:
        self.responses = list(responses)
        self.asked = 0

    def ask(self, request: bytes) -> bytes:
        self.asked += 1
        response = self.responses[min(self.asked, len(self.responses)) - 1]
        if isinstance(response, CardUnverifiable):
            raise response
        return response.der()


def source(responder: Responder, *, has_nonce: bool = False, **choices: int) -> OcspRevocation:
    return OcspRevocation(
        {ANCHOR.issuer_key_id: OcspResponder(responder, has_nonce)},
        randomness=lambda length: NONCE[:length],
        **choices,
    )


def state_of(revocation: OcspRevocation, now: datetime = NOW) -> StatusState:
    return revocation.find_status(chained(), now).state


def test_the_answer_is_the_status_as_of_its_this_update():
    status = source(Responder(one())).find_status(chained(), NOW)
    assert (status.state, status.this_update, status.source) == (StatusState.GOOD, NOW - HOUR, "ocsp")


def test_an_authority_without_responder_is_unavailable_and_nobody_is_asked():
    responder = Responder(one())
    with pytest.raises(CardUnverifiable) as refusal:
        source(responder).find_status(chained(Leaf(signing_key=rsa_key("authority-2"))), NOW)
    assert (refusal.value.reason, responder.asked) == (Unverifiable.STATUS_UNAVAILABLE, 0)


def test_a_nonce_is_sent_where_the_responder_returns_it():
    assert state_of(source(Responder(Response(nonce=NONCE)), has_nonce=True)) is StatusState.GOOD
    with pytest.raises(CardUnverifiable):
        state_of(source(Responder(one()), has_nonce=True))


def test_an_answer_is_kept_for_the_configured_time_and_every_check_has_an_id():
    responder = Responder(one())
    revocation = OcspRevocation({ANCHOR.issuer_key_id: OcspResponder(responder)}, cache_seconds=60)
    ids = {revocation.find_status(chained(), NOW + offset * SECOND).check_id for offset in (0, 1, 59)}
    assert (len(ids), responder.asked) == (3, 1)
    state_of(revocation, NOW + 60 * SECOND)
    assert responder.asked == 2


def test_an_answer_is_never_kept_past_its_next_update():
    responder = Responder(one(next_update=NOW + 10 * SECOND), one(status=REVOKED))
    revocation = source(responder, cache_seconds=900)
    assert state_of(revocation, NOW + 9 * SECOND) is StatusState.GOOD
    assert state_of(revocation, NOW + 10 * SECOND) is StatusState.REVOKED


@pytest.mark.parametrize("choices", [{"cache_seconds": 0}, {}], ids=["cache off", "no nextUpdate"])
def test_what_may_not_be_kept_is_asked_again(choices: dict[str, int]):
    responder = Responder(one(next_update=NOW + HOUR if choices else None))
    revocation = source(responder, **choices)
    state_of(revocation)
    state_of(revocation)
    assert responder.asked == 2


def test_unknown_is_not_kept():
    revocation = source(Responder(one(status=UNKNOWN), one()))
    assert [state_of(revocation), state_of(revocation)] == [StatusState.UNKNOWN, StatusState.GOOD]


def test_a_failure_is_not_kept():
    responder = Responder(CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE), one())
    revocation = source(responder)
    with pytest.raises(CardUnverifiable):
        state_of(revocation)
    assert state_of(revocation) is StatusState.GOOD


def test_a_certificate_never_gets_the_kept_answer_of_another():
    responder = Responder(one(), one(serial=5, status=REVOKED))
    revocation = source(responder)
    assert state_of(revocation) is StatusState.GOOD
    assert revocation.find_status(chained(Leaf(serial=5)), NOW).state is StatusState.REVOKED


def test_the_cache_is_bounded_and_drops_what_was_not_used_for_longest():
    cache = OcspCache(entries_limit=2)
    answer = VerifiedOcspAnswer(StatusState.GOOD, NOW, NOW + HOUR)
    cache.keep(b"k", b"1", answer, NOW, NOW + HOUR)
    cache.keep(b"k", b"2", answer, NOW, NOW + HOUR)
    assert cache.find(b"k", b"1", NOW) is answer
    cache.keep(b"k", b"3", answer, NOW, NOW + HOUR)
    assert [cache.find(b"k", serial, NOW) is None for serial in (b"1", b"2", b"3")] == [False, True, False]


def test_a_clock_that_went_back_forgets_the_answer():
    cache = OcspCache()
    cache.keep(b"k", b"1", VerifiedOcspAnswer(StatusState.GOOD, NOW, NOW + HOUR), NOW, NOW + HOUR)
    assert cache.find(b"k", b"1", NOW - SECOND) is None
