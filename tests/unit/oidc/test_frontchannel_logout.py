"""What a browser loads to tell clients that its session here is over."""

from urllib.parse import parse_qs, urlsplit

import pytest

from idp.oidc.client import Client
from idp.oidc.client_options import ClientOptions
from idp.oidc.frontchannel_logout import (
    MAXIMUM_FRAMES,
    MAXIMUM_ORIGIN_CHARACTERS,
    MAXIMUM_ORIGINS_CHARACTERS,
    logout_frames,
    web_origin,
)
from idp.oidc.session_id import session_id
from tests.unit.oidc.samples import ISSUER, make_client

ORIGIN_HASH = b"o" * 32


def told_at(uri: str | None, client_id: str = "library", *, required: bool = False) -> Client:
    options = ClientOptions(frontchannel_logout_uri=uri, frontchannel_logout_session_required=required)
    return make_client(client_id=client_id, options=options)


def sources(*clients: Client, issuer: str = ISSUER) -> list[str]:
    return [frame.src for frame in logout_frames(clients, ORIGIN_HASH, issuer)]


@pytest.mark.parametrize("required", [True, False])
def test_a_frame_names_the_issuer_and_the_session_as_the_client_knows_it(required: bool) -> None:
    """Front-Channel Logout §2: both parameters; §3: the sid of its ID tokens."""
    (frame,) = logout_frames([told_at("https://rp.example:8443/bye", required=required)], ORIGIN_HASH, ISSUER)
    assert frame.origin == "https://rp.example:8443"
    base, _, query = frame.src.partition("?")
    assert base == "https://rp.example:8443/bye"
    assert parse_qs(query) == {"iss": [ISSUER], "sid": [session_id(ORIGIN_HASH, "library")]}


def test_a_registered_query_stays_as_it_is() -> None:
    """Front-Channel Logout §2."""
    (src,) = sources(told_at("https://rp.example/bye?tenant=%E5%B8%82&x="))
    assert src.startswith("https://rp.example/bye?tenant=%E5%B8%82&x=&iss=")


def test_each_client_gets_another_sid() -> None:
    first, second = sources(told_at("https://a.example/"), told_at("https://b.example/", "museum"))
    assert parse_qs(urlsplit(first).query)["sid"] != parse_qs(urlsplit(second).query)["sid"]


def test_a_client_that_did_not_ask_is_not_framed() -> None:
    assert sources(told_at(None)) == []


@pytest.mark.parametrize(
    ("issuer", "uri"),
    [
        ("https://idp.example/tenant", "https://idp.example/client/bye"),
        ("https://idp.example", "https://idp.example:443/bye"),
        ("https://idp.example:443", "https://idp.example/bye"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/sign-out"),
    ],
)
def test_nothing_of_this_providers_own_origin_is_framed(issuer: str, uri: str) -> None:
    assert sources(told_at(uri), issuer=issuer) == []


def test_the_page_stays_small_however_many_clients_there_are() -> None:
    crowd = [told_at(f"https://rp{number}.example/", f"rp{number}") for number in range(MAXIMUM_FRAMES + 1)]
    frames = logout_frames(crowd, ORIGIN_HASH, ISSUER)
    assert [frame.origin for frame in frames] == [f"https://rp{number}.example" for number in range(MAXIMUM_FRAMES)]


def test_the_policy_fits_in_a_header_whatever_the_origins_are() -> None:
    longest = "https://" + "n" * 60 + ".example" * 20
    crowd = [told_at(f"{longest}{number:02}/", f"rp{number}") for number in range(MAXIMUM_FRAMES)]
    last = told_at("https://rp.example/", "short")
    frames = logout_frames([*crowd, last], ORIGIN_HASH, ISSUER)
    assert sum(len(frame.origin) for frame in frames) <= MAXIMUM_ORIGINS_CHARACTERS
    assert 1 < len(frames) < MAXIMUM_FRAMES
    assert frames[-1].origin == "https://rp.example"


def test_the_room_for_one_origin_is_that_of_the_longest_name_with_a_port() -> None:
    assert len("https://" + "n" * 253 + ":65535") == MAXIMUM_ORIGIN_CHARACTERS


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://rp.example/a?b=https://c.example", "https://rp.example"),
        ("https://rp.example:443/", "https://rp.example"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("https://rp.example:80/", "https://rp.example:80"),
        ("http://[::1]:8000/", None),
        ("https://rp.example;script-src/", None),
        ("https://rp.example,evil.example/", None),
        ("https://'none'/", None),
        ("https://*.example/", None),
        ("https://rp.example\r\nX: y/", None),
        ("https://rp.example:99999/", None),
        ("https:///nowhere", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("com.example.app:/bye", None),
    ],
)
def test_an_origin_is_made_of_what_was_parsed_and_can_say_nothing_else(uri: str, origin: str | None) -> None:
    """RFC 6454 §6.2; CSP Level 3 §2.3.1."""
    assert web_origin(uri) == origin


def test_what_has_no_origin_is_not_framed() -> None:
    assert sources(told_at("http://[::1]:8000/bye"), told_at("https://a b/")) == []
