"""The page that carries a response to a client: whole, harmless, and working without its script."""

import base64
import hashlib
from html.parser import HTMLParser

import pytest

from idp.oidc.redirect_uri import verify_redirect_uri
from idp.web.authorization_answers import AuthorizationAnswers
from idp.web.cookies import CookieNames
from idp.web.http import Request, Response
from idp.web.languages import LANGUAGES
from idp.web.site import Site
from tests.unit.oidc.samples import ISSUER, NOW, RealSigner, make_client
from tests.unit.web.pages.outline import Outline
from tests.unit.web.pages.sample_page import make_renderer

REDIRECT_URI = "https://rp.example/cb?a=1&b=2"
HOSTILE = "\"><script>alert(1)</script>&amp;'</form>"
ANSWERS = AuthorizationAnswers(
    Site(make_renderer(), CookieNames(ISSUER), None, lambda: NOW, 60, 60, 8),  # type: ignore[arg-type]  # no cookie read
    RealSigner(),
    lambda: NOW,
)


def send(state: str, mode: str = "form_post", language: str = "ja") -> Response:
    redirect = verify_redirect_uri(make_client(redirect_uris=(REDIRECT_URI,)), REDIRECT_URI, state, mode)
    request = Request("GET", "/authorize", "", {"accept-language": language}, b"", "192.0.2.1")
    return ANSWERS.send(request, redirect.success("c0de", ISSUER), ("X-Test", "1"))


class ScriptReader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self._inside = True
            assert attrs == []

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts.append(data)
            self._inside = False


@pytest.mark.parametrize("language", LANGUAGES)
def test_form_post_is_one_form_with_a_button_in_the_persons_language(language: str) -> None:
    answer = send("s", language=language)
    page = Outline(answer.body.decode())
    assert page.one("html").attributes["lang"] == language
    form = page.one("form")
    assert form.attributes["action"] == REDIRECT_URI
    assert form.attributes["method"] == "post"
    fields = {field.attributes["name"]: field.attributes["value"] for field in page.inside(form, "input")}
    assert fields == {"code": "c0de", "state": "s", "iss": ISSUER}
    assert len(page.inside(form, "button")) == 1
    assert not [link for link in page.named("a") if "hreflang" in link.attributes]
    assert answer.status == 200
    assert ("X-Test", "1") in answer.headers
    assert ("Cache-Control", "no-store") in answer.headers


def test_the_policy_names_the_one_script_by_hash_and_the_origin_of_the_client() -> None:
    answer = send(HOSTILE)
    (script,) = ScriptReader(answer.body.decode()).scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = dict(part.split(" ", 1) for part in dict(answer.headers)["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == f"'sha256-{digest}'"
    assert policy["form-action"] == "'self' https://rp.example"
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("state", [HOSTILE, "a b&c=d%20", "' onclick=x", "x" * 2000])
def test_a_hostile_state_is_carried_as_it_is_and_changes_nothing(state: str) -> None:
    page = Outline(send(state).body.decode())
    (field,) = [field for field in page.named("input") if field.attributes["name"] == "state"]
    assert field.attributes["value"] == state
    assert len(list(page.named("form"))) == len(list(page.named("script"))) == 1


def test_invisible_characters_of_a_signed_answer_are_not_taken_out() -> None:
    """What is taken out of a page's texts may not be taken out of what a client compares."""
    page = Outline(send("a\u200bb", "form_post.jwt").body.decode())
    (field,) = page.named("input")
    assert field.attributes["name"] == "response"
    assert RealSigner().verify_own(field.attributes["value"])["state"] == "a\u200bb"


def test_an_address_of_our_own_is_a_redirect() -> None:
    answer = ANSWERS.send(Request("GET", "/", "", {}, b"", "192.0.2.1"), f"{ISSUER}/account")
    assert (answer.status, dict(answer.headers)["Location"]) == (303, f"{ISSUER}/account")
