"""Rendering: templates and their lists of values, contact forms, and what stops the start."""

import re
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from jinja2 import Environment, FileSystemLoader, meta, nodes

from idp.sandbox.outcome import OUTCOMES
from idp.web.catalogue import load_catalogues
from idp.web.rendering import Renderer
from tests.unit.web.pages.sample_page import PAGES, SITE, TEMPLATES, make_renderer

ENVIRONMENT = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
for _name in ("t", "page_text", "moment", "day", "second"):
    ENVIRONMENT.filters[_name] = str
EVERYWHERE = {"site", "base", "language", "other_language", "language_path"}
PAGE_NAMES = sorted(name for name in ENVIRONMENT.list_templates(extensions=["html"]) if not name.startswith("_"))


def parse(name: str) -> nodes.Template:
    return ENVIRONMENT.parse((TEMPLATES / name).read_text(encoding="utf-8"))


def with_parts(name: str) -> set[str]:
    """A template and everything it extends or includes."""
    found, waiting = set[str](), {name}
    while waiting:
        found.add(current := waiting.pop())
        waiting |= {part for part in meta.find_referenced_templates(parse(current)) if part} - found
    return found


def sentences_used(name: str) -> set[str]:
    filters = parse(name).find_all(nodes.Filter)
    return {used.node.value for used in filters if used.name == "t" and isinstance(used.node, nodes.Const)}


def test_every_page_has_a_sample() -> None:
    assert {template for template, _ in PAGES.values()} == set(PAGE_NAMES)


@pytest.mark.parametrize("name", PAGE_NAMES)
def test_the_comment_at_the_top_of_a_template_lists_its_values(name: str) -> None:
    comment = re.match(r"\{#(.*?)#\}", (TEMPLATES / name).read_text(encoding="utf-8"), re.DOTALL)
    assert comment is not None
    listed = {line.split()[0] for line in comment[1].splitlines() if line.strip()}
    local = {"told", "contact", "is_signature", "is_joining"}
    used = {value for part in with_parts(name) for value in meta.find_undeclared_variables(parse(part))}
    assert listed == used - EVERYWHERE - local


def test_every_sentence_of_a_template_is_in_the_catalogues_and_none_is_left_over() -> None:
    used = {key for name in ENVIRONMENT.list_templates() for key in sentences_used(name)}
    known = load_catalogues()["ja"].all_keys()
    used |= {f"sandbox.outcome.{outcome}" for outcome in OUTCOMES}
    by_code = ("reason.", "signing.", "consent.item.", "format.", "account.code.", "client_error.", "client_cure.")
    assert used <= known
    assert {key for key in known - used if not key.startswith(by_code)} == set()


def test_nothing_in_a_template_is_exempt_from_escaping() -> None:
    exempt = {
        (name, used.name)
        for name in ENVIRONMENT.list_templates()
        for used in parse(name).find_all(nodes.Filter)
        if used.name in {"safe", "forceescape"} and not isinstance(used.node, nodes.Const)
    }
    assert not exempt
    assert not any("autoescape" in (TEMPLATES / name).read_text(encoding="utf-8") for name in PAGE_NAMES)


def test_a_missing_value_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(jinja2.UndefinedError):
        make_renderer().render("consent.html", "ja", tx="t")


def test_a_broken_template_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "broken.html").write_text("{% if %}", encoding="utf-8")
    with pytest.raises(jinja2.TemplateSyntaxError):
        Renderer(tmp_path, SITE)


def test_a_lone_surrogate_does_not_stop_a_page() -> None:
    template, values = PAGES["sign_in"]
    assert make_renderer().render(template, "ja", **{**values, "client_name": "a\ud800b"})


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("mailto:id@city.example?subject=x", '<a href="mailto:id@city.example?subject=x">id@city.example</a>'),
        ("tel:+81-3-0000-0000", '<a href="tel:+81-3-0000-0000">+81-3-0000-0000</a>'),
        ("https://city.example/ask", '<a href="https://city.example/ask" rel="noopener">https://city.example/ask</a>'),
        ("市役所1階 <窓口>", "市役所1階 &lt;窓口&gt;"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_a_contact_is_a_link_only_where_it_can_be_followed(contact: str, expected: str) -> None:
    page = make_renderer(replace(SITE, operator_contact=contact)).render("home.html", "ja").decode()
    (shown,) = re.findall(r"<dt>お問い合わせ</dt><dd>\s*(.*?)\s*</dd>", page)
    assert shown == expected


def test_production_has_no_sandbox_banner_and_no_empty_contact() -> None:
    site = replace(SITE, is_sandbox=False, operator_contact="", privacy_notice_url="", purpose_of_use="")
    site = replace(site, has_requests_page=False, has_register_page=False)
    page = make_renderer(site).render("home.html", "ja").decode()
    assert "サンドボックス" not in page
    assert "お問い合わせ" not in page
    assert "プライバシー" not in page


def test_an_issuer_without_a_path_makes_addresses_from_the_root() -> None:
    page = make_renderer(replace(SITE, issuer="https://login.example.jp")).render("home.html", "en").decode()
    assert 'href="/static/idp-0.css"' in page
    assert 'href="/.well-known/openid-configuration"' in page
