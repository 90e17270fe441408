"""The sandbox's PKI: authorities of several generations under one name, kept in a directory per installation."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.identifiers import Randomness
from idp.jpki.certificate import encode_serial
from idp.jpki.profile import Purpose
from idp.jpki.trust_anchors import TrustAnchors, parse_trust_anchor
from idp.sandbox.authority import (
    Authority,
    PrivateKey,
    create_authority,
    find_distribution_point,
    new_private_key,
    open_authority,
    write_file,
)
from idp.sandbox.authority_lists import PublishedList, publish_delta, publish_partitions
from idp.sandbox.holder import Holder, end_of_validity
from idp.sandbox.marks import SANDBOX_MARKS, Marks
from idp.sandbox.profile import build_leaf

CardKind = Literal["card", "phone", "next-card"]

PURPOSES: Final[tuple[Purpose, ...]] = ("user-authentication", "digital-signature")
# Generations 1 and 2 are of today's kind, 3 signs for the next card; all of a purpose have one name.
_GENERATIONS: Final = (1, 2, 3)
_CURRENT_GENERATION: Final = 2
_NEXT_GENERATION: Final = 3
_YEAR: Final = timedelta(days=365)
_AUTHORITY_YEARS: Final = 20
_CRL_VALIDITY_SECONDS: Final = 7 * 24 * 3600
_COMMON_NAME_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWX"


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate with its key, as a card holds them."""

    authority: str
    serial: bytes = field(repr=False)
    certificate_der: bytes = field(repr=False)
    private_key: PrivateKey = field(repr=False)


class SandboxPki:
    """The authorities of one installation; made by ``create_sandbox_pki`` and ``open_sandbox_pki``."""

    def __init__(
        self, directory: Path, marks: Marks, authorities: tuple[Authority, ...], randomness: Randomness
    ) -> None:
        self.directory = directory
        self.marks = marks
        self.authorities = authorities
        self._randomness = randomness
        self._anchors = TrustAnchors(
            parse_trust_anchor(
                authority.certificate.public_bytes(Encoding.DER),
                authority.purpose,
                name=authority.name,
                sandbox=marks.sandbox,
            )
            for authority in authorities
        )

    def anchors(self) -> TrustAnchors:
        """All generations as trust anchors, each for its purpose, in the order of ``authorities``."""
        return self._anchors

    def issue_user_authentication(
        self,
        holder: Holder,
        now: datetime,
        *,
        kind: CardKind = "card",
        generation: int | None = None,
        private_key: PrivateKey | None = None,
        not_after: datetime | None = None,
    ) -> IssuedCertificate:
        """Issue a user authentication certificate, valid from now.

        Takes: generation, of the authority, by default the current one of the kind; private_key, by default a new one;
               not_after, by default the end of the holder's fifth birthday from now.
        """
        generation = generation or (_NEXT_GENERATION if kind == "next-card" else _CURRENT_GENERATION)
        key = private_key or new_private_key(elliptic=kind == "next-card")
        authority = self.get_authority("user-authentication", generation)
        return self._issue(authority, kind, holder, (now, not_after), key)

    def issue_digital_signature(
        self,
        holder: Holder,
        now: datetime,
        *,
        generation: int | None = None,
        private_key: PrivateKey | None = None,
        not_after: datetime | None = None,
    ) -> IssuedCertificate:
        """Issue a digital signature certificate, which carries the holder's basic four attributes."""
        authority = self.get_authority("digital-signature", generation or _CURRENT_GENERATION)
        key = private_key or new_private_key()
        return self._issue(authority, "digital-signature", holder, (now, not_after), key)

    def revoke(self, issued: IssuedCertificate, now: datetime) -> None:
        """Revoke a certificate; the next published list names it."""
        authority = next(found for found in self.authorities if found.name == issued.authority)
        certificate = x509.load_der_x509_certificate(issued.certificate_der)
        authority.revoke(issued.serial, now, find_distribution_point(certificate))

    def publish_crls(self, now: datetime, *, validity_seconds: int = _CRL_VALIDITY_SECONDS) -> dict[bytes, bytes]:
        """Sign a fresh complete list of every authority.

        Returns: the lists, DER, by the SHA-256 of the authority's public key (``TrustAnchor.issuer_key_id``).
        Effect:  the ``.crl`` files of the directory are replaced.
        """
        lists = [authority.publish_crl(now, validity_seconds) for authority in self.authorities]
        return {anchor.issuer_key_id: crl for anchor, crl in zip(self.anchors().anchors, lists, strict=True)}

    def publish_more_lists(
        self,
        now: datetime,
        *,
        partitioned: bool = False,
        delta: bool = False,
        validity_seconds: int = _CRL_VALIDITY_SECONDS,
    ) -> dict[bytes, tuple[PublishedList, ...]]:
        """Sign what real authorities publish beside, or instead of, complete lists.

        Takes:   partitioned, one list for each municipality; delta, what was revoked since the complete lists.
        Returns: the lists by the SHA-256 of the authority's public key.
        """
        found: dict[bytes, tuple[PublishedList, ...]] = {}
        for anchor, authority in zip(self.anchors().anchors, self.authorities, strict=True):
            lists = publish_partitions(authority, now, validity_seconds) if partitioned else ()
            found[anchor.issuer_key_id] = (*lists, publish_delta(authority, now, validity_seconds)) if delta else lists
        return found

    def crl_path(self, issuer_key_id: bytes) -> Path:
        """The file in which an authority's list is published."""
        found = zip(self.anchors().anchors, self.authorities, strict=True)
        name = next(authority.name for anchor, authority in found if anchor.issuer_key_id == issuer_key_id)
        return self.directory / f"{name}.crl"

    def get_authority(self, purpose: Purpose, generation: int) -> Authority:
        """One generation of the authority for a purpose.

        Raises: KeyError: there is none.
        """
        for authority in self.authorities:
            if authority.name == f"{purpose}-{generation}":
                return authority
        raise KeyError(f"{purpose}-{generation}")

    def _issue(
        self,
        authority: Authority,
        policy: str,
        holder: Holder,
        validity: tuple[datetime, datetime | None],
        private_key: PrivateKey,
    ) -> IssuedCertificate:
        not_before = validity[0].replace(microsecond=0)
        not_after = validity[1] or end_of_validity(holder.birthdate, not_before)
        common_name = self._common_name(holder)
        public_key = private_key.public_key()
        builder = (
            build_leaf(
                self.marks,
                authority.certificate,
                authority.purpose,
                self.marks.policies[policy],
                holder,
                common_name,
            )
            .public_key(public_key)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .not_valid_before(not_before)
            .not_valid_after(not_after)
        )
        certificate = authority.sign_certificate(builder, self._randomness)
        authority.record_distribution_point(certificate)
        serial = encode_serial(certificate.serial_number)
        return IssuedCertificate(authority.name, serial, certificate.public_bytes(Encoding.DER), private_key)

    def _common_name(self, holder: Holder) -> str:
        # 23 characters: 14 of the certificate's own, the municipality's code, four more; never a name.
        own = "".join(_COMMON_NAME_ALPHABET[byte & 31] for byte in self._randomness(14))
        return f"{own}{holder.municipality_code}003A"


def create_sandbox_pki(
    directory: Path,
    now: datetime,
    randomness: Randomness = secrets.token_bytes,
    *,
    marks: Marks = SANDBOX_MARKS,
) -> SandboxPki:
    """Make the authorities of an installation, with keys of its own.

    Takes:  marks, the sandbox's; tests of production give ``unmarked()``.
    Raises: FileExistsError: the directory holds a PKI already.
    Effect: keys (readable by the owner only) and certificates in the directory; no lists yet.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (directory / "pki.json").exists():
        raise FileExistsError(directory / "pki.json")
    begin = now.replace(microsecond=0) - 8 * _YEAR
    validity = (begin, begin + _AUTHORITY_YEARS * _YEAR)
    authorities = tuple(
        create_authority(
            directory, marks, purpose, generation, validity, randomness, elliptic=generation == _NEXT_GENERATION
        )
        for purpose in PURPOSES
        for generation in _GENERATIONS
    )
    # Last, so that a directory with this file is whole.
    description = json.dumps({"marks": asdict(marks)}, ensure_ascii=False, indent=2)
    write_file(directory / "pki.json", description.encode("utf-8"), mode=0o600)
    return SandboxPki(directory, marks, authorities, randomness)


def open_sandbox_pki(directory: Path, randomness: Randomness = secrets.token_bytes) -> SandboxPki:
    """The authorities that ``create_sandbox_pki`` made.

    Raises: FileNotFoundError: there are none.
    """
    description = json.loads((directory / "pki.json").read_text("utf-8"))
    authorities = tuple(
        open_authority(directory, purpose, generation) for purpose in PURPOSES for generation in _GENERATIONS
    )
    return SandboxPki(directory, Marks(**description["marks"]), authorities, randomness)
