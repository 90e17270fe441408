"""What a card app shows, and the card signs, when a card or phone is added: never the words of a sign-in."""

from typing import Final

from idp.presenter.statement import Language
from idp.signin.attaching import AttachPart

ATTACH_STATEMENT: Final[dict[AttachPart, dict[Language, str]]] = {
    AttachPart.VOUCHER: {
        "ja": (
            "カードまたはスマートフォンの追加（1/2）\n"
            "このカードの持ち主として、次に確認するカードまたはスマートフォンで、自分と同じ人としてログインできるようにすることを認めます。\n"
            "ほかの人に頼まれて行うものではありません。"
        ),
        "en": (
            "Adding a card or phone (1 of 2)\n"
            "As the holder of this card I allow the card or phone that is checked next to sign in as me.\n"
            "Nobody else has asked me to do this."
        ),
    },
    AttachPart.NEWCOMER: {
        "ja": (
            "カードまたはスマートフォンの追加（2/2）\n"
            "これからは、このカードまたはスマートフォンで、先に確認したカードと同じ人としてログインします。\n"
            "先に確認したカードは、自分のものです。"
        ),
        "en": (
            "Adding a card or phone (2 of 2)\n"
            "From now on this card or phone signs in as the same person as the card that was checked before.\n"
            "The card that was checked before is my own."
        ),
    },
    AttachPart.REQUEST: {
        "ja": (
            "カードまたはスマートフォンの追加の申し込み\n"
            "このカードまたはスマートフォンで、自分がこれまで使ってきたアカウントにログインできるようにすることを、運営者に申し込みます。\n"
            "運営者が認めるまで、何も変わりません。"
        ),
        "en": (
            "Request to add a card or phone\n"
            "I ask the operator to let this card or phone sign in to the account that I have been using.\n"
            "Nothing changes until the operator agrees."
        ),
    },
}
