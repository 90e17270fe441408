"""What the load generator keeps of an answer."""

import pytest

from bench.exchange import Answer, CookieJar, WrongAnswer, check_status


def cookie(line: str) -> Answer:
    return Answer(200, (("set-cookie", line),), b"")


def test_cookies_are_kept_replaced_and_forgotten() -> None:
    jar = CookieJar()
    jar.keep(cookie("idp-known=one; Path=/; HttpOnly"))
    jar.keep(cookie("idp-known=two; Path=/"))
    jar.keep(cookie("idp-tx-a=secret; Max-Age=600"))
    assert jar.header() == (("Cookie", "idp-known=two; idp-tx-a=secret"),)
    jar.keep(cookie("idp-tx-a=; Max-Age=0; Path=/"))
    jar.keep(cookie("_interaction=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT"))
    assert jar.cookies == {"idp-known": "two"}


def test_a_wrong_status_stops_the_run() -> None:
    with pytest.raises(WrongAnswer, match="token: 400 instead of 200"):
        check_status(Answer(400, (), b'{"error":"invalid_grant"}'), 200, "token")
