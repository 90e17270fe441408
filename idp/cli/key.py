"""``idp key``: the keys that tokens are signed with."""

from datetime import datetime
from typing import Any

import click

from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.keys.jws_registry import SIGNING_ALGORITHMS
from idp.keys.key_phase import judge_phase
from idp.keys.ports import StoredSigningKey


@click.group("key")
def key() -> None:
    """The keys that tokens are signed with."""


@key.command("list")
@json_option
@click.pass_obj
def list_keys(session: Session) -> None:
    """All published keys with their phases."""
    now = session.now
    members = [_describe(stored, now) for stored in session.parts.durable.find_signing_keys(now)]
    rows = [[member[name] or "-" for name in _COLUMNS] for member in members]
    session.show(members, lay_out_table([name.upper() for name in _COLUMNS], rows))


@key.command("rotate")
@click.option(
    "--alg",
    "algorithms",
    type=click.Choice(SIGNING_ALGORITHMS),
    multiple=True,
    default=SIGNING_ALGORITHMS,
    help="Only this algorithm.",
)
@click.option(
    "--announce-seconds",
    type=click.IntRange(min=0),
    help="How long the new key is published before it signs; otherwise keys.announce_seconds.",
)
@click.option(
    "--compromised",
    is_flag=True,
    help="Somebody else may have the present key: withdraw it now. Clients refuse our tokens until they read the new"
    " key set.",
)
@json_option
@click.pass_obj
def rotate_keys(session: Session, algorithms: tuple[str, ...], announce_seconds: int | None, compromised: bool) -> None:
    """Make new keys; the present ones sign until the new ones are known, and verify for some time after."""
    if compromised and announce_seconds is not None:
        raise click.UsageError("--compromised announces nothing")
    key_ring, now = session.parts.key_ring, session.now
    made = [
        key_ring.replace_compromised(alg, now)
        if compromised
        else key_ring.rotate(alg, now, announce_seconds=announce_seconds)
        for alg in algorithms
    ]
    text = "\n".join(f"{new.alg} {new.kid} signs from {new.signs_from:%Y-%m-%d %H:%M:%S} UTC" for new in made)
    session.show([_describe(new, now) for new in made], text)


_COLUMNS = ("kid", "alg", "phase", "signs_from", "signs_until", "published_until")


def _describe(stored: StoredSigningKey, now: datetime) -> dict[str, Any]:
    return {
        "kid": stored.kid,
        "alg": stored.alg,
        "phase": judge_phase(stored, now).value,
        "signs_from": _write_time(stored.signs_from),
        "signs_until": _write_time(stored.signs_until),
        "published_until": _write_time(stored.published_until),
    }


def _write_time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
