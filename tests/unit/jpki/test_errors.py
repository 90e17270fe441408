"""Two families that are never merged."""

import pytest

from idp.jpki.errors import CardError, CardRejected, CardUnverifiable, ProvenCredential, Rejection, Unverifiable


def test_no_and_we_could_not_find_out_are_different_families():
    assert not issubclass(CardRejected, CardUnverifiable)
    assert not issubclass(CardUnverifiable, CardRejected)
    assert not {reason.value for reason in Rejection} & {reason.value for reason in Unverifiable}


@pytest.mark.parametrize("error", [CardRejected(Rejection.EXPIRED), CardUnverifiable(Unverifiable.STATUS_STALE)])
def test_possession_is_not_proven_unless_said(error: CardError):
    assert not error.possession_proven


def test_possession_is_proven_of_a_named_credential():
    error = CardRejected(Rejection.SUSPENDED, proven=ProvenCredential(b"k", b"s"))
    assert error.possession_proven


def test_the_text_is_reason_and_detail():
    assert str(CardRejected(Rejection.MALFORMED, "too long")) == "malformed: too long"
    assert str(CardRejected(Rejection.MALFORMED)) == "malformed"
