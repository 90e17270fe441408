"""The tables of the file that the card's half needs: trust, revocation, credential profiles, keys."""

import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from idp.settings.value import Seconds, Section, Whole

_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")


def _check_anchor(value: str) -> str:
    if not _FINGERPRINT.fullmatch(value):
        raise ValueError("the SHA-256 fingerprint of the authority is expected, 64 hexadecimal digits in lower case")
    return value


def _check_location(value: str) -> str:
    if value.startswith(("http://", "https://", "/")) or (value and "://" not in value):
        return value
    raise ValueError("a file's path or an http(s) address is expected")


_Anchor = Annotated[str, AfterValidator(_check_anchor)]
_Location = Annotated[str, AfterValidator(_check_location)]


class CrlSource(Section):
    """``[[jpki.crl]]``: where the list of one authority, or of one of its distribution points, is fetched from."""

    anchor: _Anchor
    distribution_point: str = ""
    source: _Location
    delta: Annotated[str, AfterValidator(lambda value: value and _check_location(value))] = ""


class OcspResponder(Section):
    """``[[jpki.ocsp]]``: whom to ask about the certificates of one authority, and whether it returns the nonce."""

    anchor: _Anchor
    url: str
    nonce: bool = False

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and not parts.fragment:
            return value
        raise ValueError("an http(s) address without user name is expected")


class JpkiSection(Section):
    """``[jpki]``: whose certificates are believed, and how their status is learnt."""

    revocation: tuple[Literal["crl", "ocsp", "operator"], ...] = ("crl",)
    status_max_age_seconds: Seconds = 172_800
    crl_grace_seconds: Annotated[Whole, Field(ge=0)] = 0
    ocsp_max_age_seconds: Seconds = 86_400
    ocsp_cache_seconds: Annotated[Whole, Field(ge=0)] = 900
    # 0: never, and no serial number is kept.
    recheck_seconds: Annotated[Whole, Field(ge=0)] = 21_600
    crl_index_directory: Path = Path("var/crl")
    user_authentication_anchors: Path | None = None
    digital_signature_anchors: Path | None = None
    trust_manifest: Path | None = None
    crl: tuple[CrlSource, ...] = ()
    # Checked although it is left out, for then the order of sources may name what is not there.
    ocsp: Annotated[tuple[OcspResponder, ...], Field(validate_default=True)] = ()
    profile: tuple[dict[str, Any], ...] = ()

    @field_validator("revocation")
    @classmethod
    def _check_order(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) != len(value):
            raise ValueError("a source is named twice")
        return value

    @field_validator("crl")
    @classmethod
    def _check_scopes(cls, value: tuple[CrlSource, ...]) -> tuple[CrlSource, ...]:
        if len({(source.anchor, source.distribution_point) for source in value}) != len(value):
            raise ValueError("two lists of one authority and one distribution point")
        return value

    @field_validator("ocsp")
    @classmethod
    def _check_responders(cls, value: tuple[OcspResponder, ...], info: ValidationInfo) -> tuple[OcspResponder, ...]:
        if len({responder.anchor for responder in value}) != len(value):
            raise ValueError("two responders of one authority")
        if "ocsp" in info.data.get("revocation", ()) and not value:
            raise ValueError("revocation by ocsp needs at least one [[jpki.ocsp]]")
        return value


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
    # 0: only by hand.
    rotation_seconds: Annotated[Whole, Field(ge=0)] = 7_776_000
    # Clients may keep the JWK Set for 600 seconds; the rest is for clocks and for workers that learn of it later.
    announce_seconds: Annotated[Whole, Field(ge=900, validate_default=True)] = 86_400
    retire_seconds: Seconds = 2_592_000

    @field_validator("announce_seconds")
    @classmethod
    def _check_pace(cls, value: int, info: ValidationInfo) -> int:
        # A key whose successor is announced before it has begun would never be the newest.
        if 0 < info.data.get("rotation_seconds", 0) <= 2 * value:
            raise ValueError("rotation_seconds has to be more than twice as long, or 0")
        return value
