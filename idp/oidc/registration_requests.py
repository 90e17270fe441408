"""Members of a client that concern its authorization requests and their answers.

Implements JARM §3, RFC 9126 §6.
"""

from collections.abc import Mapping
from typing import Any, Final

from idp.oidc.discovery import ID_TOKEN_ALGORITHMS
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.registration_members import MemberGroup, is_flag, is_text


def _check(metadata: Mapping[str, Any], sandbox: bool) -> None:
    algorithm = metadata.get("authorization_signed_response_alg")
    if algorithm is not None and algorithm not in ID_TOKEN_ALGORITHMS:
        raise _refusal(f"authorization_signed_response_alg is one of {' '.join(ID_TOKEN_ALGORITHMS)}")


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)


REQUEST_MEMBERS: Final = MemberGroup(
    {"authorization_signed_response_alg": is_text, "require_pushed_authorization_requests": is_flag}, _check
)
