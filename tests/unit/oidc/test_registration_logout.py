"""What may be registered about logout."""

from typing import Any

import pytest

from idp.oidc.errors import ErrorCode
from idp.oidc.registration import client_to_metadata
from tests.unit.oidc.test_registration import refusal, register

URI = "https://rp.example/logout?tenant=1"


def test_a_client_registers_where_it_is_told_of_logouts() -> None:
    """Back-Channel Logout §2.2."""
    members: dict[str, Any] = {"backchannel_logout_uri": URI, "backchannel_logout_session_required": True}
    client, _ = register(**members)
    assert client.options.backchannel_logout_uri == URI
    assert members.items() <= client_to_metadata(client).items()


def test_a_sandbox_client_may_be_told_on_this_machine() -> None:
    client, _ = register(sandbox=True, backchannel_logout_uri="http://127.0.0.1:9000/logout")
    assert client.options.backchannel_logout_uri == "http://127.0.0.1:9000/logout"


@pytest.mark.parametrize(
    "members",
    [
        {"backchannel_logout_uri": "http://rp.example/logout"},
        {"backchannel_logout_uri": "http://127.0.0.1/logout"},
        {"backchannel_logout_uri": "https://rp.example/logout#f"},
        {"backchannel_logout_uri": "https://user@rp.example/logout"},
        {"backchannel_logout_uri": "//rp.example/logout"},
        {"backchannel_logout_uri": "javascript:alert(1)"},
        {"backchannel_logout_uri": ""},
        {"backchannel_logout_uri": ["https://rp.example/logout"]},
        {"backchannel_logout_uri": "https://rp.example/" + "l" * 2000},
        {"backchannel_logout_session_required": True},
        {"backchannel_logout_uri": URI, "backchannel_logout_session_required": "true"},
    ],
)
def test_what_could_not_be_called_or_kept_is_refused(members: dict[str, Any]) -> None:
    assert refusal(**members) is ErrorCode.INVALID_CLIENT_METADATA


def test_a_client_registers_what_a_browser_loads_at_a_logout() -> None:
    """Front-Channel Logout §2."""
    members: dict[str, Any] = {"frontchannel_logout_uri": URI, "frontchannel_logout_session_required": True}
    client, _ = register(redirect_uris=["https://rp.example/cb"], **members)
    assert client.options.frontchannel_logout_uri == URI
    assert members.items() <= client_to_metadata(client).items()


@pytest.mark.parametrize(
    ("uri", "redirect_uri"),
    [
        ("https://rp.example:8443/bye", "https://rp.example:8443/cb"),
        ("https://rp.example:443/bye", "https://rp.example/cb"),
        ("http://localhost:9000/bye", "http://localhost:9000/cb"),
    ],
)
def test_the_frame_is_of_an_origin_that_the_client_is_sent_to(uri: str, redirect_uri: str) -> None:
    """Front-Channel Logout §2."""
    redirect_uris = ["https://other.example/cb", redirect_uri]
    client, _ = register(sandbox=True, redirect_uris=redirect_uris, frontchannel_logout_uri=uri,
                         sector_identifier_uri="https://rp.example/sector.json")  # fmt: skip
    assert client.options.frontchannel_logout_uri == uri


@pytest.mark.parametrize(
    "uri",
    [
        "https://other.example/bye",
        "https://sub.rp.example/bye",
        "https://rp.example:8443/bye",
        "http://rp.example/bye",
        "https://RP.example/bye",
        "https://rp.example./bye",
        "https://rp.example@evil.example/bye",
        "https://user@rp.example/bye",
        "https://user:word@rp.example/bye",
        "https://rp.example/bye#f",
        "https://rp.example/bye#",
        "https://rp.example/bye?iss=https://evil.example",
        "https://rp.example/bye?x=1&sid=guess",
        "https://rp.example/bye?s%69d=guess",
        "https://rp.example/bye\r\nSet-Cookie: a=b",
        "https://rp.example\r\n; script-src *",
        "https://rp.example;script-src/bye",
        "https://*.example/bye",
        "//rp.example/bye",
        "/bye",
        "javascript:alert(1)",
        "data:text/html,x",
        "blob:https://rp.example/x",
        "",
        " https://rp.example/bye",
        "https://rp.example/" + "l" * 2000,
    ],
)
def test_a_frame_of_anybody_elses_is_refused(uri: str) -> None:
    """Front-Channel Logout §2."""
    found = refusal(redirect_uris=["https://rp.example/cb"], frontchannel_logout_uri=uri)
    assert found is ErrorCode.INVALID_CLIENT_METADATA


@pytest.mark.parametrize(
    "members",
    [
        {"frontchannel_logout_session_required": True},
        {"frontchannel_logout_uri": URI, "frontchannel_logout_session_required": "true"},
        {"frontchannel_logout_uri": [URI]},
        {"frontchannel_logout_uri": None},
    ],
)
def test_front_channel_members_are_of_their_types_and_belong_together(members: dict[str, Any]) -> None:
    found = refusal(redirect_uris=["https://rp.example/cb"], **members)
    assert found is ErrorCode.INVALID_CLIENT_METADATA


def test_a_native_applications_own_scheme_has_no_frame() -> None:
    native: dict[str, Any] = {
        "application_type": "native",
        "token_endpoint_auth_method": "none",
        "redirect_uris": ["com.example.app:/cb"],
    }
    for uri in ("com.example.app:/bye", "https://rp.example/bye"):
        assert refusal(**native, frontchannel_logout_uri=uri) is ErrorCode.INVALID_CLIENT_METADATA


def test_a_host_that_is_no_name_of_the_dns_has_no_frame() -> None:
    host = "n" * 60 + ".example" * 30
    found = refusal(redirect_uris=[f"https://{host}/cb"], frontchannel_logout_uri=f"https://{host}/bye")
    assert found is ErrorCode.INVALID_CLIENT_METADATA
