"""``idp key``: the keys that tokens are signed with, and that clients encrypt to."""

from datetime import datetime
from typing import Any

import click

from idp.cli.key_emergency import replace_keys, revoke_key
from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.keys.jwe_algorithms import ALL_ALGORITHMS
from idp.keys.key_calendar import write_calendar, write_time
from idp.keys.key_phase import judge_phase
from idp.keys.ports import StoredSigningKey
from idp.keys.rotation import RotationPace


@click.group("key")
def key() -> None:
    """The keys that tokens are signed with."""


@key.command("list")
@json_option
@click.pass_obj
def list_keys(session: Session) -> None:
    """All published keys with their phases, and those revoked of late."""
    now = session.now
    members = [_describe(stored, now) for stored in session.parts.durable.find_signing_keys(now)]
    rows = [[member.get(name) or "-" for name in _COLUMNS] for member in members]
    session.show(members, lay_out_table([name.upper() for name in _COLUMNS], rows))


@key.command("calendar")
@json_option
@click.pass_obj
def show_calendar(session: Session) -> None:
    """The dates of all keys, as clients read them at /keys/calendar.json."""
    settings, now = session.settings, session.now
    pace = RotationPace.of(settings.keys)
    calendar = write_calendar(session.parts.durable.find_signing_keys(now), pace, settings.issuer, now)
    names = ("kid", "alg", "published_from", "signs_from", "signs_until", "published_until", "successor_signs_from")
    rows = [[member.get(name) or "-" for name in names] for member in calendar["keys"]]
    text = lay_out_table([name.upper() for name in names], rows)
    for member in calendar["revoked"]:
        text += f"\nrevoked at {member['revoked_at']}: {member['alg']} {member['kid']}"
    session.show(calendar, text)


@key.command("rotate")
@click.option(
    "--alg",
    "algorithms",
    type=click.Choice(ALL_ALGORITHMS),
    multiple=True,
    default=ALL_ALGORITHMS,
    help="Only this algorithm.",
)
@click.option(
    "--announce-seconds",
    type=click.IntRange(min=0),
    help="How long the new key is published before it signs; otherwise keys.announce_seconds. Less than 900, and"
    " clients that keep the key set may refuse tokens for some minutes.",
)
@json_option
@click.pass_obj
def rotate_keys(session: Session, algorithms: tuple[str, ...], announce_seconds: int | None) -> None:
    """Make new keys before their time; the present ones sign until the new ones are known, and verify for some time."""
    rotation, now = session.parts.key_rotation, session.now
    made = [rotation.rotate(alg, now, announce_seconds=announce_seconds) for alg in algorithms]
    text = "\n".join(f"{new.alg} {new.kid} signs from {new.signs_from:%Y-%m-%d %H:%M:%S} UTC" for new in made)
    session.show([_describe(new, now) for new in made], text)


key.add_command(revoke_key)
key.add_command(replace_keys)

_COLUMNS = ("kid", "alg", "phase", "signs_from", "signs_until", "published_until", "revoked_at")


def _describe(stored: StoredSigningKey, now: datetime) -> dict[str, Any]:
    return {
        "kid": stored.kid,
        "alg": stored.alg,
        "phase": judge_phase(stored, now).value,
        "signs_from": write_time(stored.signs_from),
        "signs_until": write_time(stored.signs_until),
        "published_until": write_time(stored.published_until),
        "revoked_at": write_time(stored.revoked_at),
        "is_private_half_destroyed": stored.erased_at is not None,
    }
