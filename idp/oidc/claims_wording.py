"""An item of consent in words, for the page and for the statement that is signed; the same words in both."""

from typing import Final, Literal

from idp.assurance.predicate import Predicate
from idp.oidc.claims_consent import SERIAL_ITEM, VERIFICATION_ITEM, ConsentItem

Language = Literal["ja", "en"]

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "ja": {
        "name": "氏名",
        "birthdate": "生年月日",
        "address": "住所",
        "gender": "性別",
        VERIFICATION_ITEM: "有効なカードで確認したこと、その方法と日時",
        SERIAL_ITEM: "署名用電子証明書の発行者とシリアル番号、この電子署名",
    },
    "en": {
        "name": "Your name",
        "birthdate": "Your date of birth",
        "address": "Your address",
        "gender": "Your sex",
        VERIFICATION_ITEM: "That a valid card was checked, how and when",
        SERIAL_ITEM: "Issuer and serial number of your digital signature certificate, and this signature",
    },
}


def word_item(item: ConsentItem, language: Language) -> str:
    """What would leave, in one line; of a question the exact question, and that the attribute itself stays.

    Returns: at most 100 characters, no line feed (``presenter.statement`` takes it so).
    """
    if item.predicate is None:
        return _WORDS[language][item.key]
    return _word_question(item.predicate, language)


def _word_question(predicate: Predicate, language: Language) -> str:
    if predicate.area is None:
        if language == "ja":
            return f"{predicate.threshold}歳以上かどうか（生年月日は渡しません）"
        return f"Whether you are {predicate.threshold} or older (not your date of birth)"
    if language == "ja":
        return f"住所が{predicate.area.prefix}にあるかどうか（住所は渡しません）"
    return f"Whether you live in {predicate.area.prefix} (not your address)"
