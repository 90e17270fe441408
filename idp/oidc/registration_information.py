"""What a client says about itself for people: contacts, its logo, its policy, its terms, its software.

Implements OIDC Registration §2 and RFC 7591 §2. Nothing here is fetched, and no page shows a third party's picture: a
logo is kept for the operator who reviews the client, and for whoever reads the registration.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.redirect_uri import check_registrable_redirect_uri
from idp.oidc.registration_members import MemberGroup, is_list_of_texts, is_text

_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_SOFTWARE: Final = re.compile(r"[\x21-\x7e]{1,128}")
_PAGES: Final = ("logo_uri", "policy_uri", "tos_uri")


def _check(metadata: Mapping[str, Any], sandbox: bool) -> None:
    for name in _PAGES:
        if name in metadata:
            _check_page(name, metadata[name], sandbox=sandbox)
    if not all(_MAIL.fullmatch(contact) for contact in metadata.get("contacts", ())):
        raise _refusal("contacts are e-mail addresses")
    for name in ("software_id", "software_version"):
        if name in metadata and not _SOFTWARE.fullmatch(metadata[name]):
            raise _refusal(f"{name} is at most 128 printable characters without a space")


def _check_page(name: str, uri: str, *, sandbox: bool) -> None:
    try:
        check_registrable_redirect_uri(uri, sandbox=sandbox)
    except OAuthError as error:
        raise _refusal(f"{name} is an https address without a fragment") from error


def _refusal(description: str) -> OAuthError:
    return OAuthError(ErrorCode.INVALID_CLIENT_METADATA, description, detail=description)


INFORMATION: Final = MemberGroup(
    {
        "contacts": is_list_of_texts,
        "logo_uri": is_text,
        "policy_uri": is_text,
        "tos_uri": is_text,
        "software_id": is_text,
        "software_version": is_text,
    },
    _check,
)
