"""The test authority and the cards of the people who sign in, made once and copied for every server."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.card_person import CardPerson
from bench.driver import MakePeople
from bench.relying_party import RelyingParty
from idp.sandbox.installation import prepare_sandbox

Card = tuple[bytes, bytes]  # certificate and private key, DER


@dataclass(frozen=True, slots=True)
class BenchSandbox:
    """A sandbox's directory to copy, and one card for each person: nobody shares a row with anybody."""

    directory: Path
    cards: tuple[Card, ...]

    def copy_to(self, directory: Path) -> None:
        """Give an installation its own copy; it trusts the same cards."""
        shutil.copytree(self.directory, directory)


def make_sandbox(directory: Path, people: int) -> BenchSandbox:
    """Draw the authorities' keys and the cards'."""
    now = datetime.now(UTC)
    pki, cast = prepare_sandbox(directory, now)
    holder = cast["hanako"].member.holder
    cards = [cast["hanako"].user_authentication]
    cards += [pki.issue_user_authentication(holder, now - timedelta(days=1)) for _ in range(people - 1)]
    return BenchSandbox(
        directory,
        tuple(
            (card.certificate_der, card.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
            for card in cards
        ),
    )


def card_people(issuer: str, party: RelyingParty, cards: Sequence[Card]) -> MakePeople:
    """What a driver makes its people with."""
    return partial(_make_people, issuer, party, tuple(cards))


def _make_people(issuer: str, party: RelyingParty, cards: tuple[Card, ...]) -> Sequence[CardPerson]:
    return [CardPerson(issuer, party, certificate, key) for certificate, key in cards]
