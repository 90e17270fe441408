"""A form is bound to the browser it was shown in."""

import pytest

from idp.keys.sealing import Sealer
from idp.web.cookies import CookieNames
from idp.web.error_answers import PageRefused
from idp.web.http import Request
from idp.web.page_reason import PageReason
from idp.web.sandbox.page_form import PageForm
from idp.web.site import Site
from tests.unit.oidc.samples import ISSUER, NOW
from tests.unit.web.pages.sample_page import make_renderer

SITE = Site(make_renderer(), CookieNames(ISSUER), Sealer(b"k" * 32), lambda: NOW, 60, 60, 8)
FORM = PageForm(SITE, "test-form")


def asked(cookie: str = "", body: str = "") -> Request:
    return Request("POST", "/x", "", {"cookie": cookie}, body.encode(), "192.0.2.1")


def begun() -> tuple[str, str]:
    csrf, header = FORM.begin(asked())
    return csrf, header[1].partition(";")[0]


def test_a_form_comes_back_with_its_fields() -> None:
    csrf, cookie = begun()
    token, fields = FORM.read(asked(cookie, f"csrf={csrf}&name=%E5%9B%B3"))
    assert (token, fields.get("name")) == (csrf, "図")


def test_a_browser_keeps_its_token_from_page_to_page() -> None:
    csrf, cookie = begun()
    assert FORM.begin(asked(cookie))[0] == csrf
    assert begun()[0] != csrf


@pytest.mark.parametrize("body", ["", "csrf=", "csrf=x", "csrf={csrf}&csrf={csrf}", "csrf={other}", "csrf=%00"])
def test_any_other_form_is_refused(body: str) -> None:
    csrf, cookie = begun()
    with pytest.raises(PageRefused) as refused:
        FORM.read(asked(cookie, body.format(csrf=csrf, other=begun()[0])))
    assert refused.value.reason is PageReason.INVALID_FORM


def test_a_token_without_its_cookie_is_worth_nothing() -> None:
    csrf, _ = begun()
    for cookie in ("", begun()[1], "idp-test-form=x"):
        with pytest.raises(PageRefused):
            FORM.read(asked(cookie, f"csrf={csrf}"))
