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
        {"frontchannel_logout_uri": URI},
    ],
)
def test_what_could_not_be_called_or_kept_is_refused(members: dict[str, Any]) -> None:
    assert refusal(**members) is ErrorCode.INVALID_CLIENT_METADATA
