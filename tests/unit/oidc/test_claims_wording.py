"""Items in words: one line each, the exact question where there is one."""

import pytest

from idp.oidc.claims_wording import Language, word_item
from tests.unit.oidc.claims_world import ALL, ClaimsWorld, wanting
from tests.unit.oidc.samples import make_client

EVERYTHING = {
    "id_token": {"::age_20_or_over": None, "::lives_in_13101": None},
    "userinfo": {
        "verified_claims": [
            wanting(None)["userinfo"]["verified_claims"],
            {
                "verification": {
                    "trust_framework": None,
                    "evidence": [{"type": {"value": "electronic_signature"}, "serial_number": None}],
                },
                "claims": {"name": None},
            },
        ]
    },
}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_item_has_one_line_of_its_own(language: Language) -> None:
    verifier = make_client(scope=ALL, is_lawful_verifier=True)
    items = ClaimsWorld(EVERYTHING, scope=ALL, client=verifier).items()
    assert len(items) == 8
    words = [word_item(item, language) for item in items]
    assert len(set(words)) == len(words)
    assert all(0 < len(word) <= 100 and "\n" not in word for word in words)


def test_a_question_says_what_it_asks_and_what_stays() -> None:
    age, residence = ClaimsWorld({"id_token": EVERYTHING["id_token"]}).items()
    assert word_item(age, "ja") == "20歳以上かどうか（生年月日は渡しません）"
    assert word_item(residence, "ja") == "住所が東京都千代田区にあるかどうか（住所は渡しません）"
    assert word_item(age, "en") == "Whether you are 20 or older (not your date of birth)"
