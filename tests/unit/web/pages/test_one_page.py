"""What single pages promise."""

from typing import Any

import pytest

from idp.web.languages import LANGUAGES, Language
from tests.unit.web.pages.outline import Element, Outline
from tests.unit.web.pages.sample_page import PAGES, make_renderer

RENDERER = make_renderer()


def outline(page: str, language: Language = "ja", **changes: Any) -> Outline:
    template, values = PAGES[page]
    return Outline(RENDERER.render(template, language, **{**values, **changes}).decode())


def refreshes(parsed: Outline) -> list[str]:
    return [
        meta.attributes["content"] for meta in parsed.named("meta") if meta.attributes.get("http-equiv") == "refresh"
    ]


def buttons(parsed: Outline, action: str) -> list[Element]:
    forms = [form for form in parsed.named("form") if form.attributes["action"].endswith(action)]
    return [button for form in forms for button in parsed.inside(form, "button")]


def test_the_host_is_shown_before_the_name() -> None:
    text = outline("sign_in").one("main").text
    assert text.index("xn--q9jyb4c.example.jp") < text.index("gnp.exe")


@pytest.mark.parametrize("page", ["sign_in", "waiting", "consent", "new_browser"])
def test_an_unreviewed_name_is_marked(page: str) -> None:
    assert "未確認" in outline(page).one("main").text
    assert "未確認" not in outline(page, is_reviewed=True).one("main").text


def test_the_sign_in_page_opens_the_card_app_and_never_by_itself() -> None:
    parsed = outline("sign_in")
    first = next(iter(parsed.inside(parsed.one("main"), "a")))
    assert first.attributes["href"].startswith("mynumber-card:")
    assert first.text == "カードアプリを開く"
    assert not refreshes(parsed)


def test_times_are_japan_time() -> None:
    (time,) = outline("sign_in").named("time")
    assert (time.attributes["datetime"], time.text) == ("2026-11-22T15:05:00+00:00", "0時05分（日本時間）")


def test_waiting_refreshes_without_script_and_can_be_stopped() -> None:
    address = f"/base/login/{'t' * 43}"
    assert refreshes(outline("waiting")) == [f"3; url={address}"]
    stopped = outline("waiting by hand")
    assert not refreshes(stopped)
    links = [link.attributes["href"] for link in stopped.inside(stopped.one("main"), "a")]
    assert links == [f"{address}?refresh=off", address]


def test_waiting_stands_still_once_the_card_was_refused_and_offers_another_try() -> None:
    parsed = outline("waiting refused")
    assert not refreshes(parsed)
    assert parsed.one("h1").text == "電子証明書の有効期限が切れています"
    assert len(buttons(parsed, "/restart")) == 1


def test_consent_gives_both_answers_the_same_weight() -> None:
    allow, deny = buttons(outline("consent"), "/consent")
    assert (allow.attributes["value"], deny.attributes["value"]) == ("allow", "deny")
    assert {name: value for name, value in allow.attributes.items() if name != "value"} == {
        name: value for name, value in deny.attributes.items() if name != "value"
    }


def test_a_new_browser_is_confirmed_or_stopped_with_the_same_weight() -> None:
    parsed = outline("new_browser")
    (stop,), (go_on,) = buttons(parsed, "/cancel"), buttons(parsed, "/new-browser")
    assert stop.attributes == go_on.attributes


@pytest.mark.parametrize("language", LANGUAGES)
def test_consent_names_what_is_given_and_what_is_not(language: Language) -> None:
    text = outline("consent", language).one("main").text
    given = {"ja": ("識別子", "日時", "つないだまま"), "en": ("identifier", "what time", "stay connected")}[language]
    withheld = {"ja": ("氏名", "住所", "生年月日", "性別"), "en": ("name", "address", "date of birth", "gender")}
    assert all(word in text for word in (*given, *withheld[language]))


def test_consent_says_how_long_it_holds() -> None:
    assert "2026年11月23日" in outline("consent").one("main").text
    assert "今回だけです" in outline("consent once").one("main").text


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "http://example.jp/", "data:text/html,x", ""])
def test_only_an_https_page_of_the_client_is_linked(uri: str) -> None:
    parsed = outline("consent", client_uri=uri, policy_uri=uri, tos_uri=uri)
    assert [link.attributes["href"] for link in parsed.inside(parsed.one("main"), "a")] == ["/base/account"]


@pytest.mark.parametrize("back_href", ["javascript:alert(1)", "data:text/html,x", "com.example:/callback"])
@pytest.mark.parametrize("page", ["error", "signed_out"])
def test_only_a_web_address_leads_back(page: str, back_href: str) -> None:
    parsed = outline(page, back_href=back_href)
    assert not [link for link in parsed.named("a") if link.attributes["href"] == back_href]


@pytest.mark.parametrize("page", ["signed_out of several", "account signed out"])
def test_what_a_client_answers_in_a_frame_runs_nothing_shows_nothing_and_leads_nowhere(page: str) -> None:
    """Front-Channel Logout §3; what each attribute does is tried in Chromium."""
    frames = [frame.attributes for frame in outline(page).named("iframe")]
    assert [frame.pop("src") for frame in frames] == PAGES[page][1]["frames"]
    for frame in frames:
        assert frame.pop("title")
        assert frame == {
            "sandbox": "allow-same-origin",
            "referrerpolicy": "no-referrer",
            "loading": "eager",
            "tabindex": "-1",
            "aria-hidden": "true",
            "hidden": "",
        }


def test_the_page_after_a_sign_out_goes_on_only_where_it_is_told_to_and_always_has_a_button_then() -> None:
    address = "https://example.jp/bye"
    parsed = outline("signed_out of several")
    assert refreshes(parsed) == [f"2; url={address}"]
    assert address in [link.attributes["href"] for link in parsed.inside(parsed.one("main"), "a")]
    assert not refreshes(outline("signed_out of several", goes_to=None))
    assert not refreshes(outline("signed_out"))


def test_nobody_is_promised_that_the_services_have_heard() -> None:
    text = outline("signed_out of several", "en").one("main").text
    assert "please make sure" in text.lower()
    assert "may still be signed in" in outline("signed_out", "en").one("main").text


@pytest.mark.parametrize("page", ["error", "waiting refused", "possible relay"])
def test_a_refusal_shows_its_reference(page: str) -> None:
    assert "7F3K-92QD" in outline(page).one("main").text


def test_a_relay_is_named_and_another_browser_is_not_accused() -> None:
    assert outline("possible relay").one("h1").text == "カードがだれかに悪用されかけた可能性があります"
    assert outline("other_browser").one("h1").text == "別のブラウザーで始めたログインです"


def test_the_sandbox_page_chooses_one_person_and_one_outcome_beforehand() -> None:
    parsed = outline("sandbox_card")
    chosen = [field.attributes for field in parsed.named("input") if "checked" in field.attributes]
    assert [(field["name"], field["value"]) for field in chosen] == [("person", "hanako"), ("outcome", "ok")]
    assert len(list(parsed.named("fieldset"))) == len(list(parsed.named("legend"))) == 2


def test_the_browser_that_began_is_not_told_that_it_is_a_stranger() -> None:
    parsed = outline("waiting", reason="possible_relay", reference="7F3K-92QD")
    assert parsed.one("h1").text == "カードの結果が、別のブラウザーで開かれました"
