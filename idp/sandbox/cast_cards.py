"""The cast's certificates and keys, beside the authorities; what happened to a person lies beside their card."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from idp.jpki.certificate import encode_serial
from idp.jpki.errors import Rejection
from idp.jpki.profile import Purpose
from idp.sandbox.authority import encode_private_key, load_private_key, write_file
from idp.sandbox.cast import CAST, CastMember
from idp.sandbox.pki import IssuedCertificate, SandboxPki

_YEAR = timedelta(days=365)
_CHANGEABLE = ("name", "name_map", "address", "address_map")


@dataclass(frozen=True, slots=True)
class CastCard:
    """A person of the cast with what their card holds; ``digital_signature`` is None where there is no such key."""

    member: CastMember
    user_authentication: IssuedCertificate
    digital_signature: IssuedCertificate | None


def issue_cast(pki: SandboxPki, now: datetime) -> Mapping[str, CastCard]:
    """Make the whole cast's cards.

    Returns: the cards by the person's slug.
    Effect:  keys (readable by the owner only) and certificates below ``cast``; revocations recorded, lists published.
    """
    cards = {member.slug: _issue(pki, member, now) for member in CAST}
    for card in cards.values():
        store_card(card_directory(pki, card.member.slug), card)
    pki.publish_crls(now)
    return cards


def open_cast(pki: SandboxPki) -> Mapping[str, CastCard]:
    """The cards that the cast holds today, by the person's slug.

    Raises: FileNotFoundError: they have not been issued.
    """
    return {member.slug: load_card(pki, member, card_directory(pki, member.slug)) for member in CAST}


def card_directory(pki: SandboxPki, slug: str) -> Path:
    """Where a person's card lies; earlier cards lie below it."""
    return pki.directory / "cast" / slug


def store_card(directory: Path, card: CastCard) -> None:
    """Write a card, and what sets its holder apart from the cast's own member."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    _store(directory, "user-authentication", card.user_authentication)
    if card.digital_signature is not None:
        _store(directory, "digital-signature", card.digital_signature)
    original = next(member for member in CAST if member.slug == card.member.slug)
    if card.member != original:
        holder = asdict(card.member.holder)
        changes = {name: holder[name] for name in _CHANGEABLE} | {
            "name_ja": card.member.name_ja,
            "expected": card.member.expected,
        }
        write_file(directory / "changes.json", json.dumps(changes, ensure_ascii=False).encode("utf-8"), mode=0o600)


def load_card(pki: SandboxPki, member: CastMember, directory: Path) -> CastCard:
    """Read a card of a member of the cast.

    Raises: FileNotFoundError: there is none.
    """
    signing = _load(pki, directory, "digital-signature") if member.has_digital_signature else None
    return CastCard(_apply_changes(member, directory), _load(pki, directory, "user-authentication"), signing)


def _apply_changes(member: CastMember, directory: Path) -> CastMember:
    path = directory / "changes.json"
    if not path.exists():
        return member
    changes = json.loads(path.read_text("utf-8"))
    expected = None if changes["expected"] is None else Rejection(changes["expected"])
    holder = replace(member.holder, **{name: changes[name] for name in _CHANGEABLE})
    return replace(member, holder=holder, name_ja=changes["name_ja"], expected=expected)


def _issue(pki: SandboxPki, member: CastMember, now: datetime) -> CastCard:
    issued_at = now - member.issued_years_ago * _YEAR
    card = CastCard(
        member,
        pki.issue_user_authentication(member.holder, issued_at, kind=member.kind, generation=member.generation),
        pki.issue_digital_signature(member.holder, issued_at, generation=member.generation)
        if member.has_digital_signature
        else None,
    )
    if member.revoked:
        for issued in (card.user_authentication, card.digital_signature):
            if issued is not None:
                pki.revoke(issued, now)
    return card


def _store(directory: Path, purpose: Purpose, issued: IssuedCertificate) -> None:
    write_file(directory / f"{purpose}.key", encode_private_key(issued.private_key), mode=0o600)
    write_file(directory / f"{purpose}.der", issued.certificate_der, mode=0o600)


def _load(pki: SandboxPki, directory: Path, purpose: Purpose) -> IssuedCertificate:
    certificate_der = (directory / f"{purpose}.der").read_bytes()
    certificate = x509.load_der_x509_certificate(certificate_der)
    key_id = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    anchors = zip(pki.authorities, pki.anchors().anchors, strict=True)
    authority = next(authority.name for authority, anchor in anchors if anchor.key_id == key_id)
    private_key = load_private_key(directory / f"{purpose}.key")
    return IssuedCertificate(authority, encode_serial(certificate.serial_number), certificate_der, private_key)
