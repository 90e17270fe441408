"""``idp sandbox person``: what happens to a test person, with all that follows from it."""

from collections.abc import Callable
from datetime import datetime

import click

from idp.cli.failure import Refused
from idp.cli.job import refresh_installation
from idp.cli.session import Session, json_option
from idp.cli.start import make_sandbox
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.installation import prepare_sandbox
from idp.sandbox.operator.life_event import CastLife, NoSuchPerson, PersonBuried

_Event = Callable[[CastLife, datetime], CastCard]


@click.group("person")
def person() -> None:
    """Let something happen to a test person; cards, lists and the operator's register follow at once."""


@person.command("renew")
@click.argument("slug")
@json_option
@click.pass_obj
def renew_card(session: Session, slug: str) -> None:
    """Give the person a new card: new keys, new serial numbers, the old certificates revoked."""
    _happen(session, slug, "renewed", lambda life, now: life.renew(slug, now))


@person.command("revoke")
@click.argument("slug")
@json_option
@click.pass_obj
def revoke_card(session: Session, slug: str) -> None:
    """Revoke the person's certificates, as after a loss."""
    _happen(session, slug, "revoked", lambda life, now: life.revoke(slug, now))


@person.command("move")
@click.argument("slug")
@click.option("--address", default="神奈川県横浜市中区架空町９番地", help="Where to.")
@json_option
@click.pass_obj
def move_house(session: Session, slug: str, address: str) -> None:
    """Let the person move: a new signing certificate; sign-in goes on as before."""
    _happen(session, slug, "moved", lambda life, now: life.move(slug, address, now))


@person.command("rename")
@click.argument("slug")
@click.option("--name", required=True, help="Family name, U+3000, given name.")
@json_option
@click.pass_obj
def change_name(session: Session, slug: str, name: str) -> None:
    """Let the person have another name: a new signing certificate; sign-in goes on as before."""
    _happen(session, slug, "renamed", lambda life, now: life.rename(slug, name, now))


@person.command("bury")
@click.argument("slug")
@json_option
@click.pass_obj
def bury_person(session: Session, slug: str) -> None:
    """Let the person die: everything is revoked, and nothing is issued any more."""
    _happen(session, slug, "dead", lambda life, now: life.bury(slug, now))


def _happen(session: Session, slug: str, word: str, event: _Event) -> None:
    make_sandbox(session)
    section = session.settings.sandbox
    if section is None:
        raise Refused("this is not a sandbox")
    pki, _ = prepare_sandbox(section.directory, session.now)
    try:
        card = event(CastLife(pki), session.now)
    except (NoSuchPerson, PersonBuried) as error:
        raise Refused(str(error)) from None
    refresh_installation(session)
    session.show({"person": slug, "state": word, "name": card.member.name_ja}, f"{card.member.name_ja} is {word}.")
