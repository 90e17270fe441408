"""The sandbox's people: nobody of them exists, each stands for one thing that happens with real cards."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from idp.jpki.errors import Rejection
from idp.sandbox.holder import Holder
from idp.sandbox.pki import CardKind

USER_AUTHENTICATION_PIN: Final = "1234"
SIGNING_PASSWORD: Final = "ABC123"


@dataclass(frozen=True, slots=True)
class CastMember:
    """One person of the cast and the card they hold.

    ``expected`` is what a sign-in with the right PIN ends in, None for success. ``issued_years_ago`` and ``generation``
    (of the authority) say how old the card is. ``in_process_only``: no card at APDU level holds such a key yet.
    """

    slug: str
    name_ja: str
    name_en: str
    about_ja: str
    about_en: str
    holder: Holder
    kind: CardKind = "card"
    has_digital_signature: bool = True
    issued_years_ago: int = 1
    generation: int | None = None
    revoked: bool = False
    in_process_only: bool = False
    expected: Rejection | None = None


ORDINARY: Final = CastMember(
    slug="hanako",
    name_ja="山田 花子",
    name_en="Yamada Hanako",
    about_ja="ふつうのカード",
    about_en="An ordinary card",
    holder=Holder("山田　花子", "東京都千代田区架空町一丁目１番１号", date(1990, 4, 15), "2"),
)
ANOTHER: Final = CastMember(
    slug="taro",
    name_ja="鈴木 太郎",
    name_en="Suzuki Taro",
    about_ja="もう一人のふつうのカード",
    about_en="A second ordinary card, of another person",
    holder=Holder(
        "鈴木　太郎",
        "大阪府大阪市北区架空町二丁目２番２号",
        date(1975, 11, 3),
        "1",
        municipality_code="27127",
        prefecture="Osaka-fu",
        city="Osaka-shi Kita-ku",
    ),
    issued_years_ago=2,
    generation=1,
)
EXPIRED: Final = CastMember(
    slug="expired",
    name_ja="佐藤 期一",
    name_en="Sato Kiichi",
    about_ja="有効期限が切れたカード",
    about_en="The certificates have expired",
    holder=Holder("佐藤　期一", "北海道札幌市中央区架空三条３丁目", date(1968, 8, 8), "1", municipality_code="01101"),
    issued_years_ago=6,
    generation=1,
    expected=Rejection.EXPIRED,
)
REVOKED: Final = CastMember(
    slug="revoked",
    name_ja="高橋 失子",
    name_en="Takahashi Shitsuko",
    about_ja="紛失届が出て失効したカード",
    about_en="Reported lost: the certificates are revoked",
    holder=Holder("高橋　失子", "福岡県福岡市博多区架空町４番４号", date(1983, 2, 28), "2", municipality_code="40132"),
    revoked=True,
    expected=Rejection.REVOKED,
)
UNDER_FIFTEEN: Final = CastMember(
    slug="child",
    name_ja="田中 未来",
    name_en="Tanaka Mirai",
    about_ja="15歳未満（署名用電子証明書がない）",
    about_en="Under fifteen: no digital signature certificate",
    holder=Holder("田中　未来", "愛知県名古屋市中区架空五丁目５番", date(2018, 5, 5), "2", municipality_code="23106"),
    has_digital_signature=False,
)
SUBSTITUTED: Final = CastMember(
    slug="substituted",
    name_ja="髙𣘺 﨑雄",
    name_en="Takahashi Sakio",
    about_ja="氏名に代替文字があるカード（本来は髙𣘺 﨑雄、証明書では高橋 崎雄）",
    about_en="The certificate cannot carry some characters of the name and marks their substitutes",
    holder=Holder(
        "高橋　崎雄",
        "京都府京都市左京区架空辻六番地",
        date(1955, 12, 31),
        "1",
        name_map="11010",
        address_map="000000000000010",
        municipality_code="26103",
        prefecture="Kyoto-fu",
        city="Kyoto-shi Sakyo-ku",
    ),
    issued_years_ago=2,
)
PHONE: Final = CastMember(
    slug="phone",
    name_ja="伊藤 携",
    name_en="Ito Kei",
    about_ja="スマートフォンに入れた電子証明書（暗証番号の前には読めない）",
    about_en="Held by a phone: the certificate is readable only after the PIN",
    holder=Holder("伊藤　携", "宮城県仙台市青葉区架空七丁目７番", date(2000, 2, 29), "3", municipality_code="04101"),
    kind="phone",
    has_digital_signature=False,
)
NEXT_CARD: Final = CastMember(
    slug="next-card",
    name_ja="渡辺 次郎",
    name_en="Watanabe Jiro",
    about_ja="次期個人番号カード（P-384、画面からのみ）",
    about_en="The next generation of card (P-384), on the sandbox page only",
    holder=Holder("渡辺　次郎", "沖縄県那覇市架空八丁目８番", date(1995, 7, 7), "1", municipality_code="47201"),
    kind="next-card",
    has_digital_signature=False,
    in_process_only=True,
)

CAST: Final = (ORDINARY, ANOTHER, EXPIRED, REVOKED, UNDER_FIFTEEN, SUBSTITUTED, PHONE, NEXT_CARD)
