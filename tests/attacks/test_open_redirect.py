"""A browser is sent to a registered address of the asking client, or nowhere."""

from urllib.parse import urlencode

import pytest

from tests.attacks.refusals import assert_page
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

REGISTERED = "https://rp.example/cb"
NOT_REGISTERED = [
    "",
    "https://rp.example/cb/",
    "https://rp.example/cb?x=1",
    "https://rp.example/cb#x",
    "https://rp.example/CB",
    "https://RP.example/cb",
    "https://rp.example:443/cb",
    "https://rp.example.evil.example/cb",
    "https://rp.example@evil.example/cb",
    "https://evil.example/?https://rp.example/cb",
    "https://rp.example/cb/../evil",
    "https://rp.example/cb%2f",
    "http://rp.example/cb",
    "//rp.example/cb",
    "/cb",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://rp.example/cb\r\nSet-Cookie: x=y",
    " https://rp.example/cb",
    "https://rp.example/cb\t",
    "https://rp.example/cb\\@evil.example",
    "https://ｒp.example/cb",
]


@pytest.fixture
def party(provider: Provider) -> RelyingParty:
    return provider.relying_party(redirect_uris=[REGISTERED])


def test_what_is_not_registered_is_a_page(provider: Provider, party: RelyingParty) -> None:
    """R3, O2: RFC 6749 §3.1.2.4; RFC 9700 §4.11.2."""
    browser = provider.browser()
    for uri in NOT_REGISTERED:
        for method in ("GET", "POST"):
            request = party.request(redirect_uri=uri)
            options = {"data": request} if method == "POST" else {"query_string": urlencode(request)}
            assert_page(browser.request(method, "/authorize", **options), 400)
    assert browser.cookies == {}


def test_another_clients_address_is_a_page(provider: Provider, party: RelyingParty) -> None:
    """R3: RFC 9700 §4.1, §4.1.3."""
    other = provider.relying_party()
    assert_page(provider.browser().authorize(party.request(redirect_uri=other.client.redirect_uris[0])), 400)


def test_an_unknown_client_is_a_page(provider: Provider, party: RelyingParty) -> None:
    """R3: RFC 6749 §3.1.2.4; RFC 9700 §4.11.2."""
    for client_id in ("nobody", "", "a" * 257, "'; DROP TABLE clients", "\udcff".encode("utf-8", "replace").decode()):
        assert_page(provider.browser().authorize(party.request(client_id=client_id)), 400)


def test_prompt_none_is_no_way_around_it(provider: Provider, party: RelyingParty) -> None:
    """R4, F7."""
    request = party.request(redirect_uri="https://evil.example/", prompt="none")
    assert_page(provider.browser().authorize(request), 400)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state"])
def test_a_doubled_parameter_on_which_the_target_depends_is_a_page(
    provider: Provider, party: RelyingParty, name: str
) -> None:
    """R4, F7."""
    query = urlencode(party.request()) + f"&{name}=x"
    assert_page(provider.browser().get("/authorize?" + query), 400)


@pytest.mark.parametrize("name", ["scope", "nonce", "code_challenge", "prompt", "x"])
def test_any_other_doubled_parameter_is_an_error_for_the_client(
    provider: Provider, party: RelyingParty, name: str
) -> None:
    parameters = {"x": "1", "prompt": "login"} | party.request()
    query = urlencode(parameters) + "&" + urlencode({name: parameters[name]})
    answer = party.answer(provider.browser().get("/authorize?" + query))
    assert (answer["error"], answer["state"]) == ("invalid_request", parameters["state"])


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("request_uri", "request_uri_not_supported"),
        ("registration", "registration_not_supported"),
    ],
)
def test_what_is_not_supported_has_its_own_error(
    provider: Provider, party: RelyingParty, name: str, error: str
) -> None:
    """R11, O3, F15: OIDC Core §6."""
    request = party.request(**{name: "https://evil.example/request.jwt"})
    browser = provider.browser()
    assert party.answer(browser.authorize(request))["error"] == error
    assert browser.cookies == {}


@pytest.mark.parametrize("name", ["state", "nonce", "login_hint", "ui_locales", "acr_values", "code_challenge", "x"])
def test_an_oversized_parameter_is_refused(provider: Provider, party: RelyingParty, name: str) -> None:
    answer = provider.browser().authorize(party.request(**{name: "a" * 9000}))
    assert answer.status_code in (303, 400)
    assert "error=invalid_request" in answer.headers.get("Location", "error=invalid_request")
    assert "code=" not in answer.headers.get("Location", "")


def test_an_oversized_query_is_refused(provider: Provider, party: RelyingParty) -> None:
    query = urlencode(party.request()) + "&x=" + "a" * 17_000
    assert_page(provider.browser().get("/authorize?" + query), 413)


def test_too_many_parameters_are_refused(provider: Provider, party: RelyingParty) -> None:
    query = urlencode(party.request()) + "".join(f"&p{number}=x" for number in range(80))
    assert_page(provider.browser().get("/authorize?" + query), 400)


@pytest.mark.parametrize("query", ["%", "%zz", "client_id=%ff", "client_id=%00", "a=b;c=d", "\x80", "=&=&=", "&&&", ""])
def test_a_query_that_cannot_be_read_is_a_page(provider: Provider, query: str) -> None:
    assert_page(provider.browser().get("/authorize?" + query), 400)
