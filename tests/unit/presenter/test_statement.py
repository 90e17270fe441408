"""The statement a person signs: whole, plain, in their language, and showable by every presenter."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.presenter.display import UndisplayableText, check_display_text
from idp.presenter.redirect_host import UnjudgeableRedirect
from idp.presenter.statement import MOST_ITEMS, Declaration, DeclaredRequest, write_statement
from idp.presenter.transaction import check_transaction
from tests.unit.presenter.transactions import transaction

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)  # already 23 November in Japan
JAPANESE = Declaration(
    "https://bank.example.jp/cb",
    "さくら銀行",
    True,
    ("氏名", "20歳以上であること"),
    "口座の開設",
    "https://login.example.jp",
)
ENGLISH = replace(JAPANESE, items=("your name", "that you are at least 20"), purpose_of_use="Opening an account")


def test_in_japanese_it_names_the_relying_party_the_items_the_purpose_and_the_date() -> None:
    lines = write_statement(JAPANESE, "ja", NOW).split("\n")
    assert "相手: bank.example.jp" in lines
    assert "サービス名: さくら銀行" in lines
    assert lines[lines.index("渡す情報:") + 1 :][:2] == ["・氏名", "・20歳以上であること"]
    assert "利用目的: 口座の開設" in lines
    assert "日付: 2026年11月23日(日本時間)" in lines


def test_in_english_it_names_the_same() -> None:
    lines = write_statement(ENGLISH, "en", NOW).split("\n")
    assert "Service at: bank.example.jp" in lines
    assert "Service name: さくら銀行" in lines
    assert lines[lines.index("Information:") + 1 :][:2] == ["- your name", "- that you are at least 20"]
    assert "Purpose: Opening an account" in lines
    assert "Date: 23 November 2026 (Japan time)" in lines


@pytest.mark.parametrize(
    ("language", "mark"), [("ja", "さくら銀行(名前は未確認)"), ("en", "さくら銀行 (name not checked)")]
)
def test_an_unreviewed_name_is_marked(language, mark: str) -> None:
    assert mark not in write_statement(JAPANESE, language, NOW)
    assert mark in write_statement(replace(JAPANESE, is_reviewed=False), language, NOW)


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "相手: アプリ bank.example.jp:"), ("en", "Service at: the app bank")]
)
def test_an_app_that_is_spelled_like_a_host_is_called_an_app(language, said: str) -> None:
    app = replace(JAPANESE, redirect_uri="bank.example.jp:/callback")
    assert said in write_statement(app, language, NOW)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_may_be_signed(language) -> None:
    statement = write_statement(JAPANESE, language, NOW)
    signing = transaction(action="step-up", claims=["name"], statement=statement, locale=language)
    check_transaction(signing, "digital-signature")


@pytest.mark.parametrize(
    "changes",
    [
        {"items": ()},
        {"items": ("x",) * (MOST_ITEMS + 1)},
        {"items": ("",)},
        {"items": ("氏名\n相手: good.example",)},
        {"items": ("a" * 101,)},
        {"items": ("pay \u202e1000",)},
        {"client_name": ""},
        {"client_name": "Bank\n相手: good.example"},
        {"client_name": "a" * 65},
        {"purpose_of_use": ""},
        {"purpose_of_use": "x\ny"},
        {"purpose_of_use": "a" * 201},
    ],
)
def test_a_value_that_could_deceive_makes_no_statement(changes: dict[str, object]) -> None:
    with pytest.raises(UndisplayableText):
        write_statement(replace(JAPANESE, **changes), "ja", NOW)


def test_an_address_without_a_host_makes_no_statement() -> None:
    with pytest.raises(UnjudgeableRedirect):
        write_statement(replace(JAPANESE, redirect_uri="https:///cb"), "ja", NOW)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_is_never_shortened(language) -> None:
    long = replace(JAPANESE, items=("あ" * 100,) * MOST_ITEMS, purpose_of_use="目" * 200, client_name="名" * 64)
    statement = write_statement(long, language, NOW)
    assert statement.count("あ" * 100) == MOST_ITEMS
    assert len(statement) <= 2000
    with pytest.raises(UndisplayableText):
        write_statement(replace(long, redirect_uri=f"https://{'a' * 500}.example/"), language, NOW)


@given(name=st.text(max_size=70), item=st.text(max_size=110), purpose=st.text(max_size=30))
def test_whatever_stands_in_it_every_presenter_can_show_it(name: str, item: str, purpose: str) -> None:
    declaration = replace(JAPANESE, client_name=name, items=(item,), purpose_of_use=purpose)
    try:
        statement = write_statement(declaration, "ja", NOW)
    except UndisplayableText:
        return
    check_display_text(statement, limit_characters=2000, allow_line_feed=True)
    assert len(statement.split("\n")) == 10
    assert all(value in statement for value in (name, item, purpose))


ASKED = DeclaredRequest("図書館カードの発行", (("branch", ("中央館",)), ("actions", ("issue", "renew"))))


def test_what_was_asked_in_detail_stands_in_it_a_line_for_each_text() -> None:
    lines = write_statement(replace(JAPANESE, requests=(ASKED, DeclaredRequest("閲覧"))), "ja", NOW).split("\n")
    begin = lines.index("あわせて、次の依頼に同意します:")
    assert lines[begin + 1 : begin + 6] == [
        "・図書館カードの発行",
        "  branch: 中央館",
        "  actions: issue",
        "  actions: renew",
        "・閲覧",
    ]
    assert lines[begin - 1] == "利用目的: 口座の開設"
    assert lines[begin + 6] == "取り次ぐところ: https://login.example.jp"
    english = write_statement(replace(ENGLISH, requests=(DeclaredRequest("Issue of a library card"),)), "en", NOW)
    assert "I also agree to what this service asks for:\n- Issue of a library card\nReleased by: " in english


def test_without_details_nothing_of_them_is_said() -> None:
    assert "依頼" not in write_statement(JAPANESE, "ja", NOW)
    assert "also agree" not in write_statement(ENGLISH, "en", NOW)


@pytest.mark.parametrize("text", ["a\n相手: evil.example", "", " x", "x" * 201, "a\u202eb", "a\u3164b", "か\u3099"])
def test_no_text_of_a_request_passes_for_another_line(text: str) -> None:
    for request in (
        DeclaredRequest(text),
        DeclaredRequest("x", (("m", (text,)),)),
        DeclaredRequest("x", ((text, ("v",)),)),
    ):
        with pytest.raises(UndisplayableText):
            write_statement(replace(JAPANESE, requests=(request,)), "ja", NOW)


def test_requests_that_do_not_fit_are_not_shortened() -> None:
    many = tuple(DeclaredRequest("x", (("m", ("y" * 200,) * 10),)) for _ in range(8))
    with pytest.raises(UndisplayableText):
        write_statement(replace(JAPANESE, requests=many), "ja", NOW)
