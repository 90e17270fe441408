"""Profiles that an operator adds as settings data, for kinds of credential whose policy this project does not know."""

import re
from collections.abc import Mapping
from typing import Final

from idp.jpki.profile import (
    CLIENT_AUTHENTICATION,
    CONTENT_COMMITMENT,
    DIGITAL_SIGNATURE,
    ECDSA_P384,
    RSA_2048,
    SANDBOX_ARC,
    CredentialProfile,
)

_KEY_RULES: Final = {"rsa-2048": RSA_2048, "p-384": ECDSA_P384}
_KEY_USAGE: Final = frozenset({DIGITAL_SIGNATURE, CONTENT_COMMITMENT})
_AMR: Final = frozenset({"sc", "pin", "hwk", "fpt", "face", "user", "mfa"})
_OID: Final = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,38})){2,20}")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_MEMBERS: Final = frozenset(
    {"name", "purpose", "credential_kind", "policy_oid", "key", "key_usage", "extended_key_usage", "amr"}
)


class ProfileRefused(ValueError):
    """A profile in the settings is not one; the message names the member, for the operator."""


def profile_from_settings(mapping: Mapping[str, object]) -> CredentialProfile:
    """Establish that a table of the settings describes a credential profile.

    Takes:   name, purpose, credential_kind, policy_oid, key ("rsa-2048" or "p-384"), key_usage (default
             ["digital_signature"], plus "content_commitment" for digital signatures), extended_key_usage (default
             client authentication for user authentication; "" for none), amr (RFC 8176 values).
    Returns: a production profile; sandbox profiles are built in and cannot be described.
    Raises:  ProfileRefused: a member is missing, unknown or out of range, or the policy is the sandbox's.
    """
    unknown = sorted(set(mapping) - _MEMBERS)
    if unknown:
        raise ProfileRefused(f"unknown member {unknown[0]!r}")
    purpose = _choice(mapping, "purpose", ("user-authentication", "digital-signature"))
    signing = purpose == "digital-signature"
    kind = _choice(mapping, "credential_kind", ("card", "phone"))
    policy_oid = _text(mapping, "policy_oid", _OID)
    if policy_oid == SANDBOX_ARC or policy_oid.startswith(SANDBOX_ARC + "."):
        raise ProfileRefused("policy_oid is the sandbox's")
    default_usage = [DIGITAL_SIGNATURE, CONTENT_COMMITMENT] if signing else [DIGITAL_SIGNATURE]
    extended = mapping.get("extended_key_usage", "" if signing else CLIENT_AUTHENTICATION)
    if not isinstance(extended, str) or (extended and not _OID.fullmatch(extended)):
        raise ProfileRefused("extended_key_usage is not an object identifier")
    return CredentialProfile(
        name=_text(mapping, "name", _NAME),
        purpose="digital-signature" if signing else "user-authentication",
        credential_kind="phone" if kind == "phone" else "card",
        policy_oid=policy_oid,
        key_rule=_KEY_RULES[_choice(mapping, "key", tuple(_KEY_RULES))],
        key_usage=frozenset(_texts(mapping, "key_usage", default_usage, _KEY_USAGE)),
        extended_key_usage=extended or None,
        amr=_texts(mapping, "amr", ["hwk"] if kind == "phone" else ["sc", "pin"], _AMR),
    )


def _text(mapping: Mapping[str, object], member: str, form: re.Pattern[str]) -> str:
    value = mapping.get(member)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ProfileRefused(f"{member} is missing or not of the form {form.pattern}")
    return value


def _choice(mapping: Mapping[str, object], member: str, allowed: tuple[str, ...]) -> str:
    value = mapping.get(member)
    if not isinstance(value, str) or value not in allowed:
        raise ProfileRefused(f"{member} is none of {', '.join(allowed)}")
    return value


def _texts(mapping: Mapping[str, object], member: str, default: list[str], allowed: frozenset[str]) -> tuple[str, ...]:
    value = mapping.get(member, default)
    if not isinstance(value, list | tuple) or not value:
        raise ProfileRefused(f"{member} is not a list")
    for item in value:
        if not isinstance(item, str) or item not in allowed:
            raise ProfileRefused(f"{member} holds something other than {', '.join(sorted(allowed))}")
    return tuple(value)
