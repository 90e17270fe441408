"""Requests and responses as values."""

import json

import pytest

from idp.web.http import Request, json_response, page_response, see_other


def request(**headers: str) -> Request:
    return Request("GET", "/", "", {name.replace("_", "-"): value for name, value in headers.items()}, b"", "")


@pytest.mark.parametrize(
    ("sent", "media_type"),
    [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        (" text/plain ;x", "text/plain"),
        ("", ""),
    ],
)
def test_a_media_type_is_read_without_parameters(sent: str, media_type: str) -> None:
    assert request(content_type=sent).media_type == media_type


def test_cookies_keep_their_order_and_doubles() -> None:
    assert request(cookie="a=1; b=2;a=3; c; =4;").cookies() == [("a", "1"), ("b", "2"), ("a", "3"), ("", "4")]
    assert request().cookies() == []


def test_every_answer_is_not_stored() -> None:
    for response in (json_response({}), page_response(b""), see_other("/x")):
        assert ("Cache-Control", "no-store") in response.headers


def test_a_redirect_is_a_303() -> None:
    """R20, F24, F25."""
    assert see_other("/x").status == 303
    assert ("Location", "/x") in see_other("/x").headers


def test_json_is_ascii() -> None:
    body = json_response({"name": "花子\u2028</script>"}).body
    assert body.isascii()
    assert json.loads(body) == {"name": "花子\u2028</script>"}
