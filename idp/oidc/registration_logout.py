"""What a client registers to be told of logouts: Back-Channel Logout §2.2, Front-Channel Logout §2."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.fetchable_address import check_fetchable_address
from idp.oidc.frontchannel_logout import MAXIMUM_ORIGIN_CHARACTERS, web_origin
from idp.oidc.registration_members import MemberGroup, is_flag, is_text


def _check_logout(metadata: Mapping[str, Any], sandbox: bool) -> None:
    for channel in ("backchannel", "frontchannel"):
        uri = metadata.get(f"{channel}_logout_uri")
        if uri is None and metadata.get(f"{channel}_logout_session_required"):
            raise _refusal(f"{channel}_logout_session_required needs a {channel}_logout_uri")
        if uri is not None:
            # Stricter: https also for confidential clients, for which both standards allow http.
            check_fetchable_address(f"{channel}_logout_uri", uri, sandbox=sandbox)
    if "frontchannel_logout_uri" in metadata:
        _check_frontchannel_uri(metadata["frontchannel_logout_uri"], metadata.get("redirect_uris", ()))


def _check_frontchannel_uri(uri: str, redirect_uris: Sequence[str]) -> None:
    """Refuse a frame of anybody else's, or one that a content security policy cannot let in.

    Source:   Front-Channel Logout §2: domain, port and scheme are those of a redirect URI.
    Stricter: ``iss`` and ``sid`` are ours to add, so neither is part of the address.
    """
    origin = web_origin(uri)
    if origin is None or len(origin) > MAXIMUM_ORIGIN_CHARACTERS:
        raise _refusal("frontchannel_logout_uri has a host that a content security policy can name")
    if origin not in {web_origin(each) for each in redirect_uris}:
        raise _refusal("frontchannel_logout_uri has scheme, host and port of one of the redirect_uris")
    if {"iss", "sid"} & {name for name, _ in parse_qsl(urlsplit(uri).query, keep_blank_values=True)}:
        raise _refusal("frontchannel_logout_uri's query must not contain iss or sid")


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)


LOGOUT_MEMBERS: Final = MemberGroup(
    members={
        "backchannel_logout_uri": is_text,
        "backchannel_logout_session_required": is_flag,
        "frontchannel_logout_uri": is_text,
        "frontchannel_logout_session_required": is_flag,
    },
    check=_check_logout,
)
