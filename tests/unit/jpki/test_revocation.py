"""The sources in order; where none knows, nobody gets in."""

from datetime import datetime, timedelta

import pytest

from idp.jpki.certificate import parse_certificate
from idp.jpki.chain import verify_chain
from idp.jpki.errors import CardRejected, CardUnverifiable, Rejection, Unverifiable
from idp.jpki.named_certificate import NamedCertificate, RememberedCertificate
from idp.jpki.ports import Status, StatusState
from idp.jpki.profile import CARD_USER_AUTHENTICATION, SANDBOX_CARD_USER_AUTHENTICATION
from idp.jpki.revocation import NoRevocation, RevocationPolicy
from idp.jpki.status_check import StatusCheck
from idp.jpki.trust_anchors import SANDBOX_ORGANIZATION, TrustAnchors
from tests.unit.jpki.certificates import NOW, Fault, Leaf, anchor, name, trust

CHAINED = verify_chain(parse_certificate(Leaf().der()), CARD_USER_AUTHENTICATION, trust(), NOW)


class Source:
    def __init__(self, answer: StatusState | Unverifiable, age_seconds: int = 0) -> None:
        self.answer = answer
        self.age = timedelta(seconds=age_seconds)
        self.asked = 0

    def find_status(self, certificate: NamedCertificate, now: datetime) -> Status:
        self.asked += 1
        if isinstance(self.answer, Unverifiable):
            raise CardUnverifiable(self.answer)
        return Status(self.answer, now - self.age, "crl", "id")


def good(**changes: int) -> Source:
    return Source(StatusState.GOOD, **changes)


def refusal_of(*sources: Source, maximum_age_seconds: int | None = None) -> Rejection | Unverifiable:
    with pytest.raises((CardRejected, CardUnverifiable)) as refusal:
        RevocationPolicy(sources, maximum_age_seconds=maximum_age_seconds).check_good(CHAINED, NOW)
    return refusal.value.reason


def test_the_first_source_that_knows_decides():
    first, second = good(), Source(StatusState.REVOKED)
    assert RevocationPolicy([first, second]).check_good(CHAINED, NOW).state is StatusState.GOOD
    assert second.asked == 0


@pytest.mark.parametrize("state", [StatusState.GOOD, StatusState.REVOKED, StatusState.ON_HOLD])
def test_whoever_only_wants_to_know_is_told_what_the_first_source_says(state):
    second = good()
    policy = RevocationPolicy([Source(Unverifiable.STATUS_UNAVAILABLE), Source(state), second])
    remembered = RememberedCertificate(CHAINED.anchor, CHAINED.serial)
    status = policy.find_status(remembered, NOW)
    assert (status.state, status.check_id, second.asked) == (state, "id", 0)


def test_a_remembered_certificate_shows_no_serial_number_and_names_no_partition():
    remembered = RememberedCertificate(CHAINED.anchor, b"\x13\x37")
    assert repr(remembered) == f"RememberedCertificate(anchor={CHAINED.anchor!r})"
    assert remembered.partitions == ()


def test_revoked_is_final():
    second = good()
    assert refusal_of(Source(StatusState.REVOKED), second) is Rejection.REVOKED
    assert second.asked == 0


@pytest.mark.parametrize("first", [StatusState.UNKNOWN, *Unverifiable])
def test_a_source_that_does_not_know_is_followed_by_the_next(first):
    assert RevocationPolicy([Source(first), good()]).check_good(CHAINED, NOW).state is StatusState.GOOD
    assert refusal_of(Source(first), Source(StatusState.REVOKED)) is Rejection.REVOKED


def test_on_hold_refuses_as_what_it_is_and_is_recorded_as_such():
    checks: list[StatusCheck] = []
    second = good()
    with pytest.raises(CardRejected) as refusal:
        RevocationPolicy([Source(StatusState.ON_HOLD), second], record=checks.append).check_good(CHAINED, NOW)
    assert refusal.value.reason is Rejection.ON_HOLD
    assert [check.outcome for check in checks] == ["on_hold"]
    assert second.asked == 0


def test_an_old_hold_is_stale_and_the_next_source_may_know_that_it_has_ended():
    held = Source(StatusState.ON_HOLD, age_seconds=61)
    assert refusal_of(held, maximum_age_seconds=60) is Unverifiable.STATUS_STALE
    policy = RevocationPolicy([held, good()], maximum_age_seconds=60)
    assert policy.check_good(CHAINED, NOW).state is StatusState.GOOD


def test_unknown_is_neither_revoked_nor_good():
    assert refusal_of(Source(StatusState.UNKNOWN)) is Unverifiable.STATUS_UNAVAILABLE


@pytest.mark.parametrize(
    ("sources", "is_unknown"),
    [
        ([StatusState.UNKNOWN], True),
        ([Unverifiable.STATUS_UNAVAILABLE], False),
        ([Unverifiable.STATUS_STALE], False),
        ([Unverifiable.STATUS_UNAVAILABLE, StatusState.UNKNOWN], True),
        ([StatusState.UNKNOWN, Unverifiable.STATUS_STALE], True),
    ],
)
def test_that_a_source_does_not_know_the_certificate_is_told_apart_from_an_outage(sources, is_unknown):
    policy = RevocationPolicy([Source(answer) for answer in sources])
    with pytest.raises(CardUnverifiable) as refusal:
        policy.find_status(CHAINED, NOW)
    assert refusal.value.is_unknown is is_unknown


def test_where_none_knows_an_old_answer_says_more_than_none():
    stale, silent = Source(Unverifiable.STATUS_STALE), Source(Unverifiable.STATUS_UNAVAILABLE)
    assert refusal_of(stale, silent) is Unverifiable.STATUS_STALE
    assert refusal_of(silent, stale) is Unverifiable.STATUS_STALE
    assert refusal_of(silent, silent) is Unverifiable.STATUS_UNAVAILABLE


def test_every_question_is_recorded_with_the_id_that_the_evidence_has():
    checks: list[StatusCheck] = []
    sources = [Source(Unverifiable.STATUS_UNAVAILABLE), Source(StatusState.UNKNOWN), good(age_seconds=61), good()]
    policy = RevocationPolicy(sources, maximum_age_seconds=60, record=checks.append)
    status = policy.check_good(CHAINED, NOW)
    assert [check.outcome for check in checks] == ["status_unavailable", "unknown", "status_stale", "good"]
    assert [check.this_update is None for check in checks] == [True, False, False, False]
    assert checks[-1].check_id == status.check_id
    assert {check.checked_at for check in checks} == {NOW}


def test_a_revocation_is_recorded_and_named_in_the_refusal():
    checks: list[StatusCheck] = []
    policy = RevocationPolicy([Source(Unverifiable.STATUS_STALE), Source(StatusState.REVOKED)], record=checks.append)
    with pytest.raises(CardRejected) as refusal:
        policy.check_good(CHAINED, NOW)
    assert [check.outcome for check in checks] == ["status_stale", "revoked"]
    assert checks[-1].check_id in refusal.value.detail


def test_without_sources_nobody_gets_in():
    assert refusal_of() is Unverifiable.STATUS_UNAVAILABLE


def test_an_answer_as_old_as_allowed_is_taken_and_an_older_one_is_stale():
    RevocationPolicy([good(age_seconds=60)], maximum_age_seconds=60).check_good(CHAINED, NOW)
    assert refusal_of(good(age_seconds=61), maximum_age_seconds=60) is Unverifiable.STATUS_STALE


def test_an_old_answer_still_revokes():
    old = Source(StatusState.REVOKED, age_seconds=10**6)
    assert refusal_of(old, maximum_age_seconds=60) is Rejection.REVOKED


def test_no_revocation_lets_sandbox_certificates_pass_without_a_status():
    subject = name("for user authentication", organization=SANDBOX_ORGANIZATION)
    anchors = TrustAnchors([anchor(Fault(subject=subject), sandbox=True)])
    parsed = parse_certificate(Leaf(issuer=subject).der())
    sandboxed = verify_chain(parsed, SANDBOX_CARD_USER_AUTHENTICATION, anchors, NOW)
    NoRevocation().check_good(sandboxed, NOW)


def test_no_revocation_lets_no_other_certificate_pass():
    with pytest.raises(CardUnverifiable) as refusal:
        NoRevocation().check_good(CHAINED, NOW)
    assert refusal.value.reason is Unverifiable.STATUS_UNAVAILABLE
