"""The outcomes for the signing key: real answers of real test cards."""

from pathlib import Path

import pytest

from idp.sandbox.cast import EXPIRED, ORDINARY, PHONE, REVOKED, UNDER_FIFTEEN
from idp.sandbox.cast_cards import issue_cast
from idp.sandbox.outcome import declare_as
from idp.sandbox.pki import create_sandbox_pki
from tests.unit.jpki.certificates import NOW

MESSAGE = b"declared"


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    directory: Path = tmp_path_factory.mktemp("sandbox")
    return issue_cast(create_sandbox_pki(directory, NOW), NOW)


def test_the_signing_certificate_answers(cards) -> None:
    ordinary = cards[ORDINARY.slug]
    given = declare_as(ordinary, "ok", cards, MESSAGE)
    assert given.certificate == ordinary.digital_signature.certificate_der
    assert given.algorithm == "RS256"


@pytest.mark.parametrize("person", [UNDER_FIFTEEN, PHONE])
@pytest.mark.parametrize("outcome", ["ok", "bad_signature", "wrong_purpose", "malformed"])
def test_a_card_without_signing_certificate_gives_no_answer(cards, person, outcome: str) -> None:
    assert declare_as(cards[person.slug], outcome, cards, MESSAGE) is None


@pytest.mark.parametrize(("outcome", "person"), [("expired", EXPIRED), ("revoked", REVOKED)])
def test_an_expired_or_revoked_answer_is_that_of_the_casts_own_card(cards, outcome: str, person) -> None:
    given = declare_as(cards[ORDINARY.slug], outcome, cards, MESSAGE)
    assert given.certificate == cards[person.slug].digital_signature.certificate_der


def test_the_wrong_purpose_is_the_other_certificate_of_the_same_card(cards) -> None:
    given = declare_as(cards[ORDINARY.slug], "wrong_purpose", cards, MESSAGE)
    assert given.certificate == cards[ORDINARY.slug].user_authentication.certificate_der
