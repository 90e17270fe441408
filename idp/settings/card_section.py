"""The tables of the file that the card's half needs: trust, revocation, credential profiles, keys."""

import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator

from idp.settings.value import Seconds, Section, Whole

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")


class CrlSource(Section):
    """``[[jpki.crl]]``: where the list of one authority, or of one of its distribution points, is fetched from."""

    anchor: str
    distribution_point: str = ""
    source: str

    @field_validator("anchor")
    @classmethod
    def _check_anchor(cls, value: str) -> str:
        if not _FINGERPRINT.fullmatch(value):
            raise ValueError(
                "the SHA-256 fingerprint of the authority is expected, 64 hexadecimal digits in lower case"
            )
        return value

    @field_validator("source")
    @classmethod
    def _check_source(cls, value: str) -> str:
        if value.startswith(("http://", "https://", "/")) or (value and "://" not in value):
            return value
        raise ValueError("a file's path or an http(s) address is expected")


class JpkiSection(Section):
    """``[jpki]``: whose certificates are believed, and how their status is learnt."""

    revocation: tuple[Literal["crl"], ...] = ("crl",)
    status_max_age_seconds: Seconds = 172_800
    crl_grace_seconds: Annotated[Whole, Field(ge=0)] = 0
    crl_index_directory: Path = Path("var/crl")
    user_authentication_anchors: Path | None = None
    digital_signature_anchors: Path | None = None
    trust_manifest: Path | None = None
    crl: tuple[CrlSource, ...] = ()
    profile: tuple[dict[str, Any], ...] = ()


class LookupKey(Section):
    """``[[identity.lookup_key]]``: a key under which credentials are found again; its id never changes meaning."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
    file: Path


class IdentitySection(Section):
    """``[identity]``: the look-up keys, newest first."""

    lookup_key: tuple[LookupKey, ...] = ()

    @field_validator("lookup_key")
    @classmethod
    def _check_ids(cls, value: tuple[LookupKey, ...]) -> tuple[LookupKey, ...]:
        if len({key.id for key in value}) != len(value):
            raise ValueError("two keys have the same id")
        return value


class KeysSection(Section):
    """``[keys]``: the key that encrypts the signing keys at rest, and how rotation is paced."""

    key_encryption_key_file: Path | None = None
    announce_seconds: Annotated[Whole, Field(ge=0)] = 86_400
    retire_seconds: Seconds = 604_800
