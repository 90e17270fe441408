"""Details in the words of the operator, for a page and for a signature."""

from idp.oidc.authorization_details import AuthorizationDetails, DetailsType
from idp.oidc.details_wording import WordedDetail, word_details

TYPES = {"card": DetailsType("card", frozenset({"branch", "actions"}), "図書館カードの発行", "Issue of a library card")}
DETAILS = AuthorizationDetails.from_list([{"type": "card", "branch": "中央", "actions": ["a", "b"]}, {"type": "gone"}])


def test_each_detail_has_its_types_words_and_every_text_under_its_member() -> None:
    """RFC 9396 §7."""
    members = (("actions", ("a", "b")), ("branch", ("中央",)))
    assert word_details(DETAILS, TYPES, "ja") == (WordedDetail("図書館カードの発行", members), WordedDetail("gone", ()))
    assert word_details(DETAILS, TYPES, "en")[0].words == "Issue of a library card"


def test_without_details_there_is_nothing_to_say() -> None:
    assert word_details(None, TYPES, "ja") == ()
