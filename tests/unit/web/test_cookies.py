"""Cookie names and attributes come from one place; what a browser sends back is believed only in our form."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.identifiers import new_identifier
from idp.web.cookies import SESSION, CookieNames, TransactionCookie
from idp.web.http import Request

NOW = datetime(2026, 4, 1, tzinfo=UTC)
PRODUCTION = CookieNames("https://login.example.jp")
SANDBOX = CookieNames("http://127.0.0.1:8000")


def request(cookie: str) -> Request:
    return Request("GET", "/", "", {"cookie": cookie}, b"", "192.0.2.1")


def test_production_cookies_are_host_bound_and_secure() -> None:
    name, line = PRODUCTION.set(SESSION, "x", 60)
    assert name == "Set-Cookie"
    assert line.startswith("__Host-")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=60"} <= set(line.split("; "))
    assert "Domain" not in line


def test_a_loopback_sandbox_drops_prefix_and_secure_and_nothing_else() -> None:
    _, line = SANDBOX.set(SESSION, "x", 60)
    assert "__Host-" not in line
    assert "Secure" not in line
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(line.split("; "))


def test_an_unprefixed_cookie_means_nothing_in_production() -> None:
    assert PRODUCTION.find(request(f"{SANDBOX.name(SESSION)}=planted"), SESSION) is None


def test_deleting_sets_the_same_cookie_with_no_life_left() -> None:
    _, line = PRODUCTION.delete(SESSION)
    assert line.startswith(f"{PRODUCTION.name(SESSION)}=;")
    assert "Max-Age=0" in line


def test_a_cookie_that_is_there_twice_is_as_if_absent() -> None:
    name = SANDBOX.name(SESSION)
    assert SANDBOX.find(request(f"{name}=a"), SESSION) == "a"
    assert SANDBOX.find(request(f"{name}=a; {name}=a"), SESSION) is None
    assert SANDBOX.find(request(""), SESSION) is None


def test_a_transaction_cookie_comes_back_as_it_was_set() -> None:
    cookie = TransactionCookie(new_identifier(), NOW, new_identifier())
    _, line = PRODUCTION.set_transaction(cookie, 600)
    sent = request(line.partition(";")[0])
    assert PRODUCTION.find_transaction(sent, cookie.tx) == cookie
    assert PRODUCTION.find_transaction(sent, new_identifier()) is None
    assert PRODUCTION.list_transactions(sent) == [cookie]


def test_transactions_are_listed_oldest_first_whatever_order_they_come_in() -> None:
    cookies = [TransactionCookie(new_identifier(), NOW.replace(second=age), new_identifier()) for age in (30, 10, 20)]
    header = "; ".join(SANDBOX.set_transaction(cookie, 600)[1].partition(";")[0] for cookie in cookies)
    assert [cookie.issued_at.second for cookie in SANDBOX.list_transactions(request(header))] == [10, 20, 30]


@pytest.mark.parametrize(
    "value", ["", ".", "x", "1.", "1.x", ".x", "-1.{}", "1 .{}", "１.{}", "1.{}.2", "99999999999999.{}"]
)
def test_a_value_of_another_form_is_passed_over(value: str) -> None:
    tx = new_identifier()
    name = SANDBOX.set_transaction(TransactionCookie(tx, NOW, new_identifier()), 1)[1].partition("=")[0]
    found = SANDBOX.find_transaction(request(f"{name}={value.format(new_identifier())}"), tx)
    assert found is None or value.startswith("999")


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=200))
def test_no_cookie_header_breaks_the_reading(header: str) -> None:
    SANDBOX.list_transactions(request(header))
    SANDBOX.find(request(header), SESSION)
