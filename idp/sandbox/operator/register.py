"""Who holds which certificate, as the municipal offices would know it: one JSON file in the sandbox's directory."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from idp.identifiers import Randomness, encode_base64url, new_identifier
from idp.sandbox.authority import write_file
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.pki import IssuedCertificate, SandboxPki


@dataclass(slots=True)
class Person:
    """One of the cast: the attributes of today as the population register has them, and the operator's names for them.

    ``version`` counts changes of the attributes; ``person_ids`` are by client, so that two clients cannot compare.
    """

    name: str
    name_map: str
    address: str
    address_map: str
    birthdate: str
    gender: str
    version: int = 0
    is_buried: bool = False
    person_ids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """Whose certificate it is, for what, since when (epoch seconds), and which version of the attributes it carries."""

    slug: str
    purpose: str
    issued_at: int
    version: int


class Register:
    """The file; read whole, written whole, always inside the sandbox's lock."""

    def __init__(self, persons: dict[str, Person], certificates: dict[str, HeldCertificate], path: Path) -> None:
        self.persons = persons
        self.certificates = certificates
        self._path = path

    def find_holder(self, issuer_key_id: str, serial: str) -> HeldCertificate | None:
        """Who holds a certificate, named as in the contract."""
        return self.certificates.get(f"{issuer_key_id}.{serial}")

    def find_or_mint_person_id(self, slug: str, client_id: str, randomness: Randomness = secrets.token_bytes) -> str:
        """The name by which this client, and no other, knows the person; the same for every certificate."""
        return self.persons[slug].person_ids.setdefault(client_id, new_identifier(randomness))

    def record_certificate(self, pki: SandboxPki, slug: str, purpose: str, issued: IssuedCertificate, at: int) -> None:
        """Note a certificate's holder."""
        version = self.persons[slug].version
        self.certificates[name_issued(pki, issued)] = HeldCertificate(slug, purpose, at, version)

    def save(self) -> None:
        """Write the file."""
        document = {
            "persons": {slug: asdict(person) for slug, person in self.persons.items()},
            "certificates": {name: asdict(held) for name, held in self.certificates.items()},
        }
        data = json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8")
        write_file(self._path, data, mode=0o600)


def open_register(pki: SandboxPki, cards: Mapping[str, CastCard]) -> Register:
    """The register of this sandbox, made from the cast where there is none yet; inside the sandbox's lock."""
    path = pki.directory / "operator.json"
    if path.exists():
        document = json.loads(path.read_text("utf-8"))
        persons = {slug: Person(**members) for slug, members in document["persons"].items()}
        held = {name: HeldCertificate(**members) for name, members in document["certificates"].items()}
        return Register(persons, held, path)
    register = Register({slug: _person(card) for slug, card in cards.items()}, {}, path)
    for slug, card in cards.items():
        # As old as the card may be: the cast's first certificates are known to every operator.
        register.record_certificate(pki, slug, "user-authentication", card.user_authentication, 0)
        if card.digital_signature is not None:
            register.record_certificate(pki, slug, "digital-signature", card.digital_signature, 0)
    register.save()
    return register


def name_issued(pki: SandboxPki, issued: IssuedCertificate) -> str:
    """A certificate's name in the register: the contract's two members with a dot between."""
    anchors = zip(pki.authorities, pki.anchors().anchors, strict=True)
    key_id = next(anchor.issuer_key_id for authority, anchor in anchors if authority.name == issued.authority)
    return f"{encode_base64url(key_id)}.{issued.serial.hex()}"


def attributes_of(person: Person) -> dict[str, Any]:
    """The contract's ``attributes``."""
    return {
        "name": person.name,
        "name_substitutions": _positions(person.name_map),
        "address": person.address,
        "address_substitutions": _positions(person.address_map),
        "birthdate": person.birthdate,
        "gender": {"1": "male", "2": "female"}.get(person.gender, "unknown"),
    }


def _person(card: CastCard) -> Person:
    holder = card.member.holder
    return Person(
        name=holder.name,
        name_map=holder.name_map,
        address=holder.address,
        address_map=holder.address_map,
        birthdate=holder.birthdate.isoformat(),
        gender=holder.gender,
    )


def _positions(substitution_map: str) -> list[int]:
    return [position for position, digit in enumerate(substitution_map) if digit == "1"]
