"""The members of a client that say how its tokens are bound and what form they have (RFC 9449 §5.2)."""

from collections.abc import Mapping
from typing import Any, Final

from idp.oidc.registration_members import MemberGroup, is_flag


def _check(metadata: Mapping[str, Any], sandbox: bool) -> None:
    """Any client may bind its tokens to a key."""


TOKEN_MEMBERS: Final = MemberGroup({"dpop_bound_access_tokens": is_flag}, _check)
