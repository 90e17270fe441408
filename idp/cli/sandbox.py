"""``idp sandbox``: test people, their cards, and what happens to them."""

from collections.abc import Mapping

import click

from idp.cli.failure import Refused, Undetermined
from idp.cli.interruption import interruption
from idp.cli.job import refresh_installation
from idp.cli.sandbox_operator import operator
from idp.cli.sandbox_person import person as person_group
from idp.cli.sandbox_responder import responder
from idp.cli.session import Session, json_option
from idp.cli.start import make_sandbox
from idp.cli.table import lay_out_table
from idp.sandbox.card.application import JpkiCard
from idp.sandbox.card.personalise import personalise
from idp.sandbox.card.socket_card import serve_socket_card
from idp.sandbox.card.vpcd import attach_vpcd
from idp.sandbox.cast import SIGNING_PASSWORD, USER_AUTHENTICATION_PIN
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.installation import prepare_sandbox
from idp.sandbox.operator.life_event import CastLife, NoSuchPerson, open_old_card
from idp.sandbox.pki import SandboxPki

_LOOPBACK = "127.0.0.1"


@click.group("sandbox")
def sandbox() -> None:
    """Test people and their cards."""


sandbox.add_command(operator)
sandbox.add_command(person_group)
sandbox.add_command(responder)


@sandbox.command("init")
@json_option
@click.pass_obj
def init_sandbox(session: Session) -> None:
    """Make keys, authorities, cards and database where they are missing; idp serve does the same."""
    make_sandbox(session)
    _, cards = _open_sandbox(session)
    members = [
        {"person": slug, "name": card.member.name_ja, "about": card.member.about_en} for slug, card in cards.items()
    ]
    table = lay_out_table(["PERSON", "NAME", "ABOUT"], [list(member.values()) for member in members])
    session.show(members, f"{table}\n\nPIN {USER_AUTHENTICATION_PIN}, signing password {SIGNING_PASSWORD}")


@sandbox.command("card")
@click.option("--person", required=True, metavar="SLUG", help="Whose card; idp sandbox init lists them.")
@click.option("--socket", "socket_port", type=click.IntRange(0, 65535), help="Serve it at this loopback port; 0: any.")
@click.option("--vpcd", "vpcd_port", type=click.IntRange(1, 65535), help="Put it into the virtual reader at this port.")
@click.option(
    "--generation", type=click.Choice(["current", "old"]), default="current", help="The one from before the last event."
)
@json_option
@click.pass_obj
def hold_card(session: Session, person: str, socket_port: int | None, vpcd_port: int | None, generation: str) -> None:
    """Hold a person's card to a reader until interrupted."""
    if (socket_port is None) == (vpcd_port is None):
        raise click.UsageError("one of --socket and --vpcd is needed")
    pki, cast_card = _get_card(session, person)
    try:
        card = personalise(open_old_card(pki, person) if generation == "old" else cast_card, pki)
    except (NoSuchPerson, ValueError) as error:
        raise Refused(str(error)) from None
    if socket_port is not None:
        _serve_at_socket(session, card, person, socket_port)
    elif vpcd_port is not None:
        _serve_in_reader(session, card, person, vpcd_port)


@sandbox.command("revoke")
@click.option("--person", required=True, metavar="SLUG", help="Whose certificates.")
@json_option
@click.pass_obj
def revoke_card(session: Session, person: str) -> None:
    """Revoke a person's certificates, as after a loss; the lists say so at once."""
    make_sandbox(session)
    pki, _ = _get_card(session, person)
    CastLife(pki).revoke(person, session.now)
    refresh_installation(session)
    session.show({"person": person, "state": "revoked"}, f"The certificates of {person} are revoked.")


def _open_sandbox(session: Session) -> tuple[SandboxPki, Mapping[str, CastCard]]:
    section = session.settings.sandbox
    if section is None:
        raise Refused("this is not a sandbox")
    return prepare_sandbox(section.directory, session.now)


def _get_card(session: Session, person: str) -> tuple[SandboxPki, CastCard]:
    pki, cards = _open_sandbox(session)
    if person not in cards:
        raise Refused(f"nobody is called {person}; there are {', '.join(cards)}")
    return pki, cards[person]


def _serve_at_socket(session: Session, card: JpkiCard, person: str, port: int) -> None:
    try:
        served = serve_socket_card(card, _LOOPBACK, port)
    except OSError as error:
        raise Refused(f"port {port}: {error.strerror}") from None
    place = f"socket:{_LOOPBACK}:{served.port}"
    with interruption() as wait:
        session.show(
            {"person": person, "card": place}, f"The card of {person} is at {place} (PIN {USER_AUTHENTICATION_PIN})"
        )
        wait()
        served.close()


def _serve_in_reader(session: Session, card: JpkiCard, person: str, port: int) -> None:
    try:
        inserted = attach_vpcd(card, _LOOPBACK, port)
    except OSError as error:
        raise Undetermined(f"no virtual reader at port {port}: {error.strerror}") from None
    text = f"The card of {person} is in the reader (PIN {USER_AUTHENTICATION_PIN})"
    with interruption() as wait:
        session.show({"person": person, "card": f"vpcd:{port}"}, text)
        wait()
        inserted.close()
