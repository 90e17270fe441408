"""The phases of a signing key's life: announced, signing, retired, withdrawn; or revoked before its time."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from idp.keys.ports import StoredSigningKey


class KeyPhase(StrEnum):
    """What a key is for at a moment; it is there while announced, signing and retired.

    For a key that others encrypt to, "signing" is the time in which they find it in the JWK Set.
    """

    ANNOUNCED = "announced"
    SIGNING = "signing"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


# In these a key exists; a signing key is published in all of them, one for encryption only while it signs, so to say.
LIVE: Final = frozenset({KeyPhase.ANNOUNCED, KeyPhase.SIGNING, KeyPhase.RETIRED})


def judge_phase(stored: StoredSigningKey, now: datetime) -> KeyPhase:
    """The key's phase; each begins with its first moment.

    Source: OIDC Core §10.1.1, Rotation of Asymmetric Signing Keys.
    """
    if stored.revoked_at is not None:
        return KeyPhase.REVOKED
    if stored.published_until is not None and now >= stored.published_until:
        return KeyPhase.WITHDRAWN
    if stored.signs_until is not None and now >= stored.signs_until:
        return KeyPhase.RETIRED
    return KeyPhase.SIGNING if now >= stored.signs_from else KeyPhase.ANNOUNCED
