"""What happens to people and cards: renewed, revoked, moved, renamed, buried; each with the certificates it costs.

Source: J-LIS, reasons of expiry: a signing certificate ends with any change of the four attributes, a user
authentication certificate does not; both end with the card and with death.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from idp.clock import to_epoch_seconds
from idp.jpki.errors import Rejection
from idp.sandbox.cast import CAST, CastMember
from idp.sandbox.cast_cards import CastCard, card_directory, load_card, open_cast, store_card
from idp.sandbox.installation import holding_sandbox
from idp.sandbox.live_cast import announce_change
from idp.sandbox.operator.register import Person, Register, open_register
from idp.sandbox.pki import SandboxPki

_FILES: Final = ("user-authentication", "digital-signature")


class NoSuchPerson(Exception):
    """Nobody of the cast has this slug, or has no card of the wanted age."""


class PersonBuried(Exception):
    """The dead get no certificates."""


class CastLife:
    """The people of one sandbox; every event takes the lock, and publishes the revocation lists that follow."""

    def __init__(self, pki: SandboxPki) -> None:
        self._pki = pki

    def renew(self, slug: str, now: datetime) -> CastCard:
        """Give the person a new card with new keys and serial numbers; the old certificates are revoked."""

        def change(card: CastCard, person: Person) -> CastCard:
            self._revoke(card, now)
            return self._issue(replace(card.member, expected=None), card.digital_signature is not None, now)

        return self._happen(slug, change, now)

    def revoke(self, slug: str, now: datetime) -> CastCard:
        """Revoke the person's certificates, as after a loss."""

        def change(card: CastCard, person: Person) -> CastCard:
            self._revoke(card, now)
            return replace(card, member=replace(card.member, expected=Rejection.REVOKED))

        return self._happen(slug, change, now)

    def move(self, slug: str, address: str, now: datetime) -> CastCard:
        """Let the person live elsewhere: a new signing certificate, the old one revoked; sign-in goes on."""

        def change(card: CastCard, person: Person) -> CastCard:
            person.address, person.address_map = address, ""
            holder = replace(card.member.holder, address=address, address_map="")
            return self._change_attributes(card, person, replace(card.member, holder=holder), now)

        return self._happen(slug, change, now)

    def rename(self, slug: str, name: str, now: datetime) -> CastCard:
        """Let the person have another name: a new signing certificate, the old one revoked; sign-in goes on."""

        def change(card: CastCard, person: Person) -> CastCard:
            person.name, person.name_map = name, ""
            holder = replace(card.member.holder, name=name, name_map="")
            member = replace(card.member, holder=holder, name_ja=name.replace("　", " "))
            return self._change_attributes(card, person, member, now)

        return self._happen(slug, change, now)

    def bury(self, slug: str, now: datetime) -> CastCard:
        """Let the person die: everything is revoked, and nothing is issued any more."""

        def change(card: CastCard, person: Person) -> CastCard:
            person.is_buried = True
            self._revoke(card, now)
            return replace(card, member=replace(card.member, expected=Rejection.REVOKED))

        return self._happen(slug, change, now)

    def _happen(self, slug: str, change: Callable[[CastCard, Person], CastCard], now: datetime) -> CastCard:
        with holding_sandbox(self._pki.directory):
            cards = open_cast(self._pki)
            register = open_register(self._pki, cards)
            if slug not in cards:
                raise NoSuchPerson(f"nobody is called {slug}; there are {', '.join(cards)}")
            person = register.persons[slug]
            if person.is_buried:
                raise PersonBuried(f"{slug} is dead")
            changed = change(cards[slug], person)
            _keep_old(card_directory(self._pki, slug))
            store_card(card_directory(self._pki, slug), changed)
            self._record(register, cards[slug], changed, now)
            register.save()
            self._pki.publish_crls(now)
            announce_change(self._pki)
        return changed

    def _record(self, register: Register, before: CastCard, after: CastCard, now: datetime) -> None:
        pairs = (
            (_FILES[0], before.user_authentication, after.user_authentication),
            (_FILES[1], before.digital_signature, after.digital_signature),
        )
        for purpose, old, new in pairs:
            if new is not None and new is not old:
                register.record_certificate(self._pki, after.member.slug, purpose, new, to_epoch_seconds(now))

    def _change_attributes(self, card: CastCard, person: Person, member: CastMember, now: datetime) -> CastCard:
        person.version += 1
        if card.digital_signature is None:
            return replace(card, member=member)
        self._pki.revoke(card.digital_signature, now)
        signing = self._pki.issue_digital_signature(member.holder, now)
        return CastCard(member, card.user_authentication, signing)

    def _issue(self, member: CastMember, has_signing: bool, now: datetime) -> CastCard:
        return CastCard(
            member,
            self._pki.issue_user_authentication(member.holder, now, kind=member.kind),
            self._pki.issue_digital_signature(member.holder, now) if has_signing else None,
        )

    def _revoke(self, card: CastCard, now: datetime) -> None:
        for issued in (card.user_authentication, card.digital_signature):
            if issued is not None:
                self._pki.revoke(issued, now)


def open_old_card(pki: SandboxPki, slug: str) -> CastCard:
    """The card that a person held before the last event.

    Raises: NoSuchPerson.
    """
    member = next((member for member in CAST if member.slug == slug), None)
    with holding_sandbox(pki.directory):
        directories = [] if member is None else _old_directories(card_directory(pki, slug))
        if member is None or not directories:
            raise NoSuchPerson(f"{slug} has held no other card")
        return load_card(pki, member, directories[-1])


def _keep_old(directory: Path) -> None:
    target = directory / f"before-{len(_old_directories(directory)) + 1:04}"
    target.mkdir(mode=0o700)
    for path in [path for path in directory.iterdir() if path.is_file()]:
        shutil.copy2(path, target / path.name)


def _old_directories(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob("before-*") if path.is_dir())
