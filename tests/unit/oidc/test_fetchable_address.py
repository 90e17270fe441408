"""Addresses that this provider would call: their form, before anybody is called."""

import pytest

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.fetchable_address import check_fetchable_address


def is_refused(url: str, sandbox: bool = False) -> bool:
    try:
        check_fetchable_address("jwks_uri", url, sandbox=sandbox)
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_CLIENT_METADATA
        return True
    return False


@pytest.mark.parametrize(
    "url",
    [
        "https://rp.example",
        "https://rp.example/jwks",
        "https://rp.example:8443/jwks?v=1",
        "https://intranet/jwks",
        "https://a1.b2.c3d/jwks",
        "https://xn--eckwd4c7c.xn--zckzah/jwks",
    ],
)
def test_an_https_address_with_a_name_is_in_order(url: str) -> None:
    assert not is_refused(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://rp.example/jwks",
        "https://127.0.0.1/jwks",
        "https://127.1/jwks",
        "https://2130706433/jwks",
        "https://0x7f000001/jwks",
        "https://0x7f.1/jwks",
        "https://017700000001/jwks",
        "https://0177.0.0.01/jwks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/jwks",
        "https://[::ffff:127.0.0.1]/jwks",
        "https://[fe80::1%25eth0]/jwks",
        "https://[fd00:ec2::254]/jwks",
        "https://user@rp.example/jwks",
        "https://rp.example@127.0.0.1/jwks",
        "https://rp.example/jwks#fragment",
        "https://rp.example./jwks",
        "https://RP.example/jwks",
        "https://rp.example:0/jwks",
        "https://rp.example:99999/jwks",
        "https:///jwks",
        "https:rp.example",
        "//rp.example/jwks",
        "file:///etc/passwd",
        "gopher://rp.example/",
        "data:application/json,{}",
        "https://１２７.0.0.1/jwks",
        "https://rp。example/jwks",
        "https://rp.example/jwks\r\nHost: inside",
        "https://rp.example\\@127.0.0.1/",
    ],
)
def test_everything_else_is_refused_before_anybody_is_called(url: str) -> None:
    assert is_refused(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:3000/jwks", "http://[::1]:3000/jwks", "http://localhost:3000/jwks"])
def test_a_sandbox_may_call_this_machine(url: str) -> None:
    assert is_refused(url)
    assert not is_refused(url, sandbox=True)


@pytest.mark.parametrize("url", ["http://rp.example/", "http://169.254.169.254/", "https://10.0.0.1/", "http://127.1/"])
def test_and_nothing_else(url: str) -> None:
    assert is_refused(url, sandbox=True)
