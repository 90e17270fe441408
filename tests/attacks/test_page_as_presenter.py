"""No page can be a presenter, and no cookie means anything to the presenter's API."""

import pytest

from tests.attacks.refusals import assert_refused
from tests.support.browser import Browser
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8000"},
        {"Origin": ""},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
def test_a_request_that_a_browser_marked_is_refused(presenter: PresenterDouble, header: dict[str, str]) -> None:
    for endpoint in ("open", "proof", "cancel"):
        assert_refused(presenter.call(endpoint, b"{}", **header), 403, "browser_request")
    assert presenter.open().status_code == 200


def test_the_api_gives_no_other_origin_leave(presenter: PresenterDouble) -> None:
    answers = [
        presenter.open(),
        presenter.call("open", b"{}", Origin="https://evil.example"),
        presenter._http.options("/card/open", base_url=presenter.issuer, headers={"Origin": "https://evil.example"}),
    ]
    for answer in answers:
        assert not any(name.lower().startswith("access-control-") for name, _ in answer.headers)
    assert_refused(answers[2], 405, "invalid_method")


def test_cookies_neither_help_nor_hinder(browser: Browser, presenter: PresenterDouble, provider: Provider) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    handle, presenter.handle = presenter.handle, "A" * 43
    body = b'{"format":"mynumber-card/1","commitment":"%s"}' % presenter.commitment.encode()
    assert_refused(presenter.call("open", body, Cookie=cookies), 401, "invalid_handle")
    presenter.handle = handle
    answer = presenter.call("open", body, Cookie="idp-session=x; idp-tx-y=z")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_refused(presenter: PresenterDouble, method: str) -> None:
    for endpoint in ("open", "proof", "cancel"):
        answer = presenter._http.open(f"/card/{endpoint}", method=method, base_url=presenter.issuer)
        assert answer.status_code == 405
        if method != "HEAD":
            assert answer.get_json()["error"] == "invalid_method"


def test_handle_and_parameters_in_the_query_are_ignored(presenter: PresenterDouble) -> None:
    answer = presenter._http.post(
        f"/card/open?handle={presenter.handle}&access_token={presenter.handle}", base_url=presenter.issuer,
        json={"format": "mynumber-card/1", "commitment": presenter.commitment},
    )  # fmt: skip
    assert_refused(answer, 401, "invalid_handle")
