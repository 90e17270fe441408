"""Where a browser may be sent back to."""

from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.redirect_uri import check_registrable_redirect_uri, verify_redirect_uri
from idp.oidc.response_mode import deliver_response
from tests.unit.oidc.samples import ISSUER, NOW, REDIRECT_URI, RealSigner, make_client, make_public_client


def is_accepted(registered: str, presented: str, *, public: bool) -> bool:
    client = (make_public_client if public else make_client)(redirect_uris=(registered,))
    try:
        verify_redirect_uri(client, presented, None)
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_REQUEST
        return False
    return True


@pytest.mark.parametrize(
    "presented",
    [
        REDIRECT_URI + "/",
        REDIRECT_URI + "?",
        REDIRECT_URI + "?next=https://evil.example",
        REDIRECT_URI + "#fragment",
        REDIRECT_URI.upper(),
        "https://rp.example/callback/../callback",
        "https://rp.example:443/callback",
        "https://rp.example@evil.example/callback",
        "https://evil.example/callback",
        "http://rp.example/callback",
        "https://rp.example/call",
        "https://rp.example",
        "",
        "javascript:alert(1)",
    ],
)
def test_r1_only_the_exact_string_matches(presented: str) -> None:
    """R1, O2: RFC 9700 §2.1."""
    assert not is_accepted(REDIRECT_URI, presented, public=False)
    assert not is_accepted(REDIRECT_URI, presented, public=True)


@pytest.mark.parametrize("registered", ["http://127.0.0.1/cb", "http://127.0.0.1:8000/cb", "http://[::1]/cb"])
@pytest.mark.parametrize("port", [":1", ":51004", ":65535", ""])
def test_r1_the_loopback_port_of_a_native_client_may_vary(registered: str, port: str) -> None:
    """RFC 8252 §7.3."""
    host = "http://[::1]" if "[" in registered else "http://127.0.0.1"
    assert is_accepted(registered, f"{host}{port}/cb", public=True)


@pytest.mark.parametrize(
    "presented",
    [
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:080/cb",
        "http://127.0.0.1:8000/other",
        "http://127.0.0.1:8000/cb?x=1",
        "http://127.0.0.1:8000",
        "http://127.0.0.1:8000@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.2:8000/cb",
        "http://localhost:8000/cb",
        "http://[::1]:8000/cb",
        "https://127.0.0.1:8000/cb",
        "http://127.0.0.1:8000/cb\n",
    ],
)
def test_r1_nothing_but_the_loopback_port_may_vary(presented: str) -> None:
    """RFC 9700 §4.1, §4.1.3."""
    assert not is_accepted("http://127.0.0.1/cb", presented, public=True)


def test_r1_the_port_of_a_confidential_client_and_of_localhost_may_not_vary() -> None:
    """RFC 8252 §8.3."""
    assert not is_accepted("http://127.0.0.1:8000/cb", "http://127.0.0.1:8001/cb", public=False)
    assert not is_accepted("http://localhost:8000/cb", "http://localhost:8001/cb", public=True)


HOSTS = ["127.0.0.1", "[::1]", "localhost", "evil.example"]
PIECES = st.sampled_from(["http://", "https://", *HOSTS, ":", "80", "@", "/", "cb", "?", "#", "\\", "."])


@given(st.one_of(st.text(), st.lists(PIECES, max_size=10).map("".join), PIECES.map("http://127.0.0.1/cb".__add__)))
def test_r1_whatever_is_accepted_leads_to_the_registered_place(presented: str) -> None:
    """R4, F7."""
    if is_accepted("http://127.0.0.1/cb", presented, public=True):
        parts = urlsplit(presented)
        assert (parts.scheme, parts.hostname, parts.path) == ("http", "127.0.0.1", "/cb")
        assert (parts.username, parts.query, parts.fragment) == (None, "", "")


def test_a_missing_redirect_uri_is_refused_even_with_one_registered() -> None:
    with pytest.raises(OAuthError) as refused:
        verify_redirect_uri(make_client(), None, None)
    assert refused.value.code is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize(
    ("registered", "prefix"),
    [
        (REDIRECT_URI, REDIRECT_URI + "?code="),
        ("https://rp.example/cb?tenant=a%20b", "https://rp.example/cb?tenant=a%20b&code="),
        ("https://rp.example/cb?", "https://rp.example/cb?code="),
        ("com.example.app:/cb", "com.example.app:/cb?code="),
    ],
)
def test_the_answer_is_added_to_the_registered_query(registered: str, prefix: str) -> None:
    """RFC 6749 §3.1.2."""
    redirect = verify_redirect_uri(make_public_client(redirect_uris=(registered,)), registered, "a&b=c d")
    location = deliver_response(redirect.success("C0DE", ISSUER), RealSigner(), NOW)
    assert isinstance(location, str)
    assert location.startswith(prefix)
    answer = parse_qs(urlsplit(location).query)
    assert answer["code"] == ["C0DE"]
    assert answer["state"] == ["a&b=c d"]
    assert answer["iss"] == [ISSUER]


def test_no_state_is_answered_where_none_was_sent() -> None:
    redirect = verify_redirect_uri(make_client(), REDIRECT_URI, None)
    assert "state" not in redirect.success("c", ISSUER).parameters


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        (REDIRECT_URI, "https://rp.example"),
        ("https://rp.example:8443?x=/", "https://rp.example:8443"),
        ("http://127.0.0.1:5000/cb", "http://127.0.0.1:5000"),
        ("com.example.app:/cb", "com.example.app:"),
    ],
)
def test_the_origin_is_what_form_action_must_name(uri: str, origin: str) -> None:
    assert verify_redirect_uri(make_public_client(redirect_uris=(uri,)), uri, None).origin == origin


def is_registrable(uri: str, *, sandbox: bool = False, is_native: bool = False) -> bool:
    try:
        check_registrable_redirect_uri(uri, sandbox=sandbox, is_native=is_native)
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_REDIRECT_URI
        return False
    return True


@pytest.mark.parametrize(
    "uri",
    [
        "https://rp.example/cb",
        "https://rp.example",
        "https://xn--eckwd4c7c.example:8443/cb?tenant=1",
        "https://localhost/",
    ],
)
def test_https_addresses_may_be_registered_anywhere(uri: str) -> None:
    assert is_registrable(uri)
    assert is_registrable(uri, sandbox=True)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=10).map("".join)))
def test_whatever_may_be_registered_has_one_reading(uri: str) -> None:
    if is_registrable(uri, sandbox=True):
        parts = urlsplit(uri)
        assert parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")
        assert (parts.username, parts.fragment) == (None, "")
        assert urlunsplit(parts) in (uri, uri.rstrip("?"))


@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "http://[::1]:80/cb", "http://localhost:8000/cb"])
def test_r2_loopback_http_is_for_native_clients_and_the_sandbox(uri: str) -> None:
    """F22: RFC 8252 §7."""
    assert not is_registrable(uri)
    assert is_registrable(uri, is_native=True)
    assert is_registrable(uri, sandbox=True)


@pytest.mark.parametrize(
    ("uri", "is_native", "hint"),
    [
        ("http://rp.example/cb", False, "otherwise https"),
        ("http://127.0.0.1/cb", False, "only for a native application"),
        ("https://*.rp.example/cb", False, "never a wildcard"),
        ("rp.example/cb", False, "begins with https://"),
        ("com.example.app:/cb", False, "application_type native"),
        ("myapp:/cb", True, "com.example.app:/path"),
        ("com.example.app://cb", True, "one slash"),
    ],
)
def test_a_refusal_says_what_would_be_accepted(uri: str, is_native: bool, hint: str) -> None:
    with pytest.raises(OAuthError) as refused:
        check_registrable_redirect_uri(uri, sandbox=False, is_native=is_native)
    assert hint in refused.value.description
    assert "?" not in refused.value.description


def test_a_private_use_scheme_is_for_native_clients_and_has_a_dot() -> None:
    """RFC 8252 §7.1."""
    assert is_registrable("com.example.app:/cb", is_native=True)
    assert not is_registrable("com.example.app:/cb", sandbox=True)
    assert not is_registrable("myapp:/cb", is_native=True)
    assert not is_registrable("com.example.app://host/cb", is_native=True)
    assert not is_registrable("javascript:alert(1)", is_native=True)
    assert not is_registrable("data:text/html", is_native=True)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/cb",
        "rp.example/cb",
        "https://",
        "https:///cb",
        "https:/rp.example/cb",
        "https://rp.example/cb#",
        "https://rp.example/cb#f",
        "https://user@rp.example/cb",
        "https://user:pw@rp.example/cb",
        "https://rp.example:0/cb",
        "https://rp.example:99999/cb",
        "https://rp.example:abc/cb",
        "https://RP.example/cb",
        "HTTPS://rp.example/cb",
        "https://例え.example/cb",
        "https://*.rp.example/cb",
        "https://rp..example/cb",
        "https://rp.example\\@evil.example/cb",
        "https://rp.example/c b",
        "https://rp.example/cb\n",
        "https://[::1/cb",
        "http://rp.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "ftp://rp.example/cb",
        "https://rp.example/cb?code=1",
        "https://rp.example/cb?state",
        "https://rp.example/cb?iss=x",
        "https://rp.example/" + "x" * 2000,
    ],
)
def test_ambiguous_and_dangerous_addresses_may_not_be_registered(uri: str) -> None:
    """RFC 6749 §3.1.2."""
    assert not is_registrable(uri)
    assert not is_registrable(uri, sandbox=True, is_native=True)
