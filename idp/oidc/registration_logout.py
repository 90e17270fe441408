"""What a client registers to be told of logouts: Back-Channel Logout §2.2."""

from collections.abc import Mapping
from typing import Any, Final

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.fetchable_address import check_fetchable_address
from idp.oidc.registration_members import MemberGroup, is_flag, is_text


def _check_logout(metadata: Mapping[str, Any], sandbox: bool) -> None:
    """Refuse an address that cannot be called.

    Stricter: https also for confidential clients, for which the standard allows http; a sandbox takes loopback http.
    """
    uri = metadata.get("backchannel_logout_uri")
    if uri is None:
        if metadata.get("backchannel_logout_session_required"):
            raise _refusal("backchannel_logout_session_required needs a backchannel_logout_uri")
        return
    check_fetchable_address("backchannel_logout_uri", uri, sandbox=sandbox)


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)


LOGOUT_MEMBERS: Final = MemberGroup(
    members={"backchannel_logout_uri": is_text, "backchannel_logout_session_required": is_flag},
    check=_check_logout,
)
