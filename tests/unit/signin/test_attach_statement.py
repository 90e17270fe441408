"""What is shown while a card is added can be shown by every presenter, and says which card it is about."""

import pytest

from idp.presenter.display import STATEMENT_CHARACTERS, check_display_text
from idp.signin.attach_statement import ATTACH_STATEMENT
from idp.signin.attaching import AttachPart


@pytest.mark.parametrize("part", AttachPart)
def test_every_presenter_can_show_it_in_both_languages(part: AttachPart) -> None:
    assert set(ATTACH_STATEMENT[part]) == {"ja", "en"}
    for statement in ATTACH_STATEMENT[part].values():
        check_display_text(statement, limit_characters=STATEMENT_CHARACTERS, allow_line_feed=True)


def test_no_two_cards_of_a_ceremony_are_shown_the_same_words() -> None:
    statements = [text for words in ATTACH_STATEMENT.values() for text in words.values()]
    assert len(set(statements)) == len(statements)
