"""``jwks_uri``: keys that a client publishes, so that it can change them without anybody here.

Implements OIDC Registration §2 and RFC 7591 §2. Nothing is fetched at registration: a client may be registered before
its site is up, and keys are asked for when they are first needed.
"""

from collections.abc import Mapping
from typing import Any, Final

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.fetchable_address import check_fetchable_address
from idp.oidc.registration_members import MemberGroup, is_text


def _check(metadata: Mapping[str, Any], sandbox: bool) -> None:
    if "jwks_uri" not in metadata:
        return
    if "jwks" in metadata:
        text = "jwks and jwks_uri cannot both be given: which one holds would be anybody's guess"
        raise OAuthError(ErrorCode.INVALID_CLIENT_METADATA, text, detail=text)
    check_fetchable_address("jwks_uri", metadata["jwks_uri"], sandbox=sandbox)


KEYS: Final = MemberGroup({"jwks_uri": is_text}, _check)
