"""What holds for every page, in both languages: safe, reachable by keyboard and screen reader, never a dead end."""

import re
from itertools import pairwise

import pytest

from idp.web.languages import LANGUAGES, Language
from tests.unit.web.pages.outline import Outline
from tests.unit.web.pages.sample_page import HOSTILE_NAME, PAGES, make_renderer

RENDERER = make_renderer()
every_page = pytest.mark.parametrize("page", PAGES)
# The form that goes to the client, with its line of script, is judged in test_authorization_answers.py.
every_page_of_ours = pytest.mark.parametrize("page", [page for page in PAGES if page != "form_post"])
every_language = pytest.mark.parametrize("language", LANGUAGES)
NUMBER_IS_NOT_READ = {
    "ja": "マイナンバー（12桁の個人番号）は読み取りません。",
    "en": "Your 12-digit My Number is not read.",
}
NO_PIN_HERE = {
    "ja": "このページで暗証番号を入力することはありません。",
    "en": "You will never be asked to type a PIN on this page.",
}


def markup(page: str, language: Language) -> str:
    template, values = PAGES[page]
    return RENDERER.render(template, language, **values).decode()


def outline(page: str, language: Language) -> Outline:
    return Outline(markup(page, language))


@every_page_of_ours
@every_language
def test_a_page_has_no_script_no_inline_style_and_nothing_from_elsewhere(page: str, language: Language) -> None:
    """R22, R24."""
    parsed = outline(page, language)
    assert not list(parsed.named("script", "style", "object", "embed", "base", "img", "svg"))
    # After a sign-out, and there only, clients are told by frames.
    assert len(list(parsed.named("iframe"))) == len(PAGES[page][1].get("frames", []))
    for element in parsed.elements:
        assert "style" not in element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
    assert all(link.attributes["href"].startswith("/base/static/") for link in parsed.named("link"))


@every_page_of_ours
@every_language
def test_hostile_names_stay_text_and_cannot_reorder_the_page(page: str, language: Language) -> None:
    text = markup(page, language)
    assert "<script" not in text
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", text)
    if PAGES[page][1].get("client_name") == HOSTILE_NAME:
        shown = [element for element in Outline(text).named("bdi") if "alert" in element.text]
        assert [element.text for element in shown] == ['</bdi><script>alert("1")</script>gnp.exe onclick=x style=y']


@every_page_of_ours
@every_language
def test_every_form_posts_with_its_token_below_the_issuer(page: str, language: Language) -> None:
    parsed = outline(page, language)
    for form in parsed.named("form"):
        assert form.attributes["method"] == "post"
        ours = r"sandbox/(register|requests(/leave)?)|sign-out|end-session/confirm|account/[\w./-]+"
        expected = rf"/base/((login|sandbox)/t{{43}}(/[a-z-]+)?|{ours})"
        assert re.fullmatch(expected, form.attributes["action"])
        hidden = [field.attributes for field in parsed.inside(form, "input") if field.attributes["type"] == "hidden"]
        # The question about a logout carries its request, sealed, as well.
        sealed = [{"type": "hidden", "name": "request", "value": "r" * 99}] if "end_session" in page else []
        assert hidden == [{"type": "hidden", "name": "csrf", "value": "c" * 43}, *sealed]
        assert parsed.inside(form, "button")
    assert all(any(up.name == "form" for up in button.ancestors) for button in parsed.named("button"))


@every_page
@every_language
def test_every_field_has_a_label_and_no_field_takes_typed_text(page: str, language: Language) -> None:
    """Typed is only what a developer registers, on a page that people with a card are never sent to."""
    parsed = outline(page, language)
    typed = {"register": {"text", "url"}, "requests": {"text", "password"}}.get(page.partition(" ")[0], set())
    labelled = {label.attributes["for"] for label in parsed.named("label")}
    ids = {element.attributes["id"] for element in parsed.elements if "id" in element.attributes}
    assert not list(parsed.named("textarea", "select"))
    for field in parsed.named("input"):
        assert field.attributes["type"] in {"hidden", "radio", "checkbox", *typed}
        if field.attributes["type"] != "hidden":
            assert field.attributes["id"] in labelled
            assert set(field.attributes.get("aria-describedby", "").split()) <= ids


@every_page
@every_language
def test_headings_begin_with_the_one_h1_and_skip_no_level(page: str, language: Language) -> None:
    levels = [int(heading.name[1]) for heading in outline(page, language).named("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


@every_page
@every_language
def test_a_page_has_language_landmarks_skip_link_and_a_title_that_begins_with_the_page(
    page: str, language: Language
) -> None:
    parsed = outline(page, language)
    assert parsed.one("html").attributes["lang"] == language
    assert parsed.one("main").attributes["id"] == "main"
    assert next(parsed.named("a")).attributes["href"] == "#main"
    assert parsed.one("title").text.startswith(parsed.one("h1").text)
    assert {"name": "robots", "content": "noindex, nofollow"} in [meta.attributes for meta in parsed.named("meta")]
    assert len(list(parsed.named("header"))) == len(list(parsed.named("footer"))) == 1


@every_page
@every_language
def test_a_page_names_the_operator_the_contact_the_privacy_notice_and_the_sandbox(
    page: str, language: Language
) -> None:
    parsed = outline(page, language)
    footer = parsed.one("footer")
    links = [link.attributes["href"] for link in parsed.inside(footer, "a")]
    assert links == ["mailto:id@city.example?subject=x", "https://city.example/privacy"]
    assert "見本市 <デジタル推進課>" in footer.text
    assert "手続きでの本人の確認 & 記録" in footer.text
    assert any("sandbox" in element.attributes.get("class", "") for element in parsed.named("div"))


@every_page
@every_language
def test_links_lead_to_the_web_or_to_the_card_app_only(page: str, language: Language) -> None:
    for link in outline(page, language).named("a"):
        assert re.match(r"(https://|/base/|\?lang=|#main$|mailto:|mynumber-card:)", link.attributes["href"])
        assert "target" not in link.attributes


@every_page
@every_language
def test_the_switch_leads_to_the_same_page_in_the_other_language(page: str, language: Language) -> None:
    (other,) = set(LANGUAGES) - {language}
    (switch,) = [link.attributes for link in outline(page, language).named("a") if "hreflang" in link.attributes]
    assert (switch["href"], switch["lang"]) == (f"?lang={other}", other)


@every_page
@every_language
def test_an_answer_that_cannot_be_asked_again_offers_no_switch(page: str, language: Language) -> None:
    template, values = PAGES[page]
    assert b"hreflang" not in RENDERER.render(template, language, language_path=None, **values)


@every_language
@pytest.mark.parametrize("page", ["sign_in", "waiting", "waiting refused", "error that can go on", "sandbox_card"])
def test_back_to_the_service_is_offered_while_a_sign_in_goes_on(page: str, language: Language) -> None:
    assert f"/base/login/{'t' * 43}/cancel" in [
        form.attributes["action"] for form in outline(page, language).named("form")
    ]


@every_language
@pytest.mark.parametrize("page", ["sign_in", "sign_in reviewed, no sandbox", "card_link", "home"])
def test_a_page_about_the_card_says_that_no_number_is_read(page: str, language: Language) -> None:
    assert NUMBER_IS_NOT_READ[language] in markup(page, language)


@every_language
@pytest.mark.parametrize("page", ["sign_in", "waiting", "card_link", "home"])
def test_a_page_about_the_card_says_that_no_pin_is_typed_on_it(page: str, language: Language) -> None:
    assert NO_PIN_HERE[language] in markup(page, language)


@pytest.mark.parametrize("page", PAGES)
def test_an_english_page_has_no_untranslated_sentence(page: str) -> None:
    template, values = PAGES[page]
    plain = {name: "Library" if name == "client_name" else value for name, value in values.items()}
    for element in Outline(RENDERER.render(template, "en", **plain).decode()).named("p", "li", "h1", "h2", "button"):
        if any(up.name == "footer" for up in element.ancestors) or element.attributes.get("class") == "operator":
            continue
        # One Japanese word is left in on purpose: what the card's paper calls the certificate.
        assert not re.search("[ぁ-ん]", element.text.replace("（", "("))
