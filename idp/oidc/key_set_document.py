"""A key set that a client publishes, out of the bytes at its ``jwks_uri``.

Implements RFC 7517 §5: keys of kinds that are not used here are passed over, for the set is not published for us alone.
"""

from collections.abc import Mapping
from typing import Any, Final

from idp.oidc.client_keys import PRIVATE_MEMBERS, check_public_jwks
from idp.oidc.errors import OAuthError
from idp.strict_json import JsonLimits, NotJson, read_json_object

_LIMITS: Final = JsonLimits(size_bytes=65_536, depth=8, values=2000)
MAXIMUM_PUBLISHED_KEYS: Final = 32


class KeySetUnusable(Exception):
    """What was fetched gives no key; the message is for the log."""


def parse_key_set_document(data: bytes) -> Mapping[str, Any]:
    """Establish which keys of a published set verify what the client signs.

    Returns:  a JWK Set that ``check_public_jwks`` accepts.
    Raises:   KeySetUnusable: no JSON object of bounded size, no usable key, one ``kid`` twice.
    Source:   RFC 7517 §5; FAPI 2.0 §5.4 (unique key ids).
    Stricter: a set with a private key in it is refused whole: it is everybody's now, and the client has to notice.
    """
    try:
        members = read_json_object(data, _LIMITS)
    except NotJson as error:
        raise KeySetUnusable(str(error)) from error
    keys = members.get("keys")
    if not isinstance(keys, list) or len(keys) > MAXIMUM_PUBLISHED_KEYS:
        raise KeySetUnusable("keys is not a list, or too long")
    if any(isinstance(jwk, dict) and PRIVATE_MEMBERS & jwk.keys() for jwk in keys):
        raise KeySetUnusable("a private key is published")
    usable = {"keys": [jwk for jwk in keys if _is_usable(jwk)]}
    try:
        check_public_jwks(usable)
    except OAuthError as error:
        raise KeySetUnusable(error.detail) from error
    return usable


def _is_usable(jwk: object) -> bool:
    try:
        check_public_jwks({"keys": [jwk]})
    except OAuthError:
        return False
    return True
