"""The phases of a signing key's life: announced, signing, retired, withdrawn."""

from datetime import datetime
from enum import StrEnum

from idp.keys.ports import StoredSigningKey


class KeyPhase(StrEnum):
    """What a key is for at a moment; it is published in all phases but the last."""

    ANNOUNCED = "announced"
    SIGNING = "signing"
    RETIRED = "retired"
    WITHDRAWN = "withdrawn"


def judge_phase(stored: StoredSigningKey, now: datetime) -> KeyPhase:
    """The key's phase; each begins with its first moment.

    Source: OIDC Core §10.1.1, Rotation of Asymmetric Signing Keys.
    """
    if stored.published_until is not None and now >= stored.published_until:
        return KeyPhase.WITHDRAWN
    if stored.signs_until is not None and now >= stored.signs_until:
        return KeyPhase.RETIRED
    return KeyPhase.SIGNING if now >= stored.signs_from else KeyPhase.ANNOUNCED
