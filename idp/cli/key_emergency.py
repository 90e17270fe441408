"""``idp key revoke`` and ``idp key emergency``: what to do when somebody else may have a key."""

from collections.abc import Sequence
from typing import Any

import click

from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.keys.emergency import Revocation
from idp.keys.errors import NoSuchKey
from idp.keys.jwe_algorithms import ALL_ALGORITHMS
from idp.keys.key_calendar import CALENDAR_PATH, JWKS_CACHE_SECONDS
from idp.keys.rotation import REFRESH_SECONDS
from idp.oidc.discovery import JWKS_PATH


@click.command("revoke")
@click.argument("kid")
@json_option
@click.pass_obj
def revoke_key(session: Session, kid: str) -> None:
    """Withdraw one key at once; its announced successor takes over now, or a new key does.

    For one key that is suspected. If whoever has it could read others too, use idp key emergency.
    """
    try:
        revocation = session.parts.key_emergency.revoke(kid, session.now)
    except NoSuchKey as error:
        raise Refused(f"no published key has the kid {kid}") from error
    _show(session, [revocation])


@click.command("emergency")
@click.option(
    "--alg",
    "algorithms",
    type=click.Choice(ALL_ALGORITHMS),
    multiple=True,
    default=ALL_ALGORITHMS,
    help="Only this algorithm.",
)
@json_option
@click.pass_obj
def replace_keys(session: Session, algorithms: tuple[str, ...]) -> None:
    """Withdraw every key at once, the announced and the retired too; new keys sign from this moment.

    Clients refuse our tokens until they read the new key set.
    """
    _show(session, [session.parts.key_emergency.replace_all(alg, session.now) for alg in algorithms])


def _show(session: Session, revocations: Sequence[Revocation]) -> None:
    issuer = session.settings.issuer
    members: list[dict[str, Any]] = [
        {"alg": revocation.alg, "revoked": list(revocation.revoked), "successor": revocation.successor}
        for revocation in revocations
    ]
    lines = []
    for revocation in revocations:
        lines += [f"{revocation.alg} {kid} is revoked" for kid in revocation.revoked]
        if revocation.successor is not None:
            lines.append(f"{revocation.alg} {revocation.successor} is in use now")
    told = "\n  ".join(
        [
            "Tell the relying parties:",
            f"1. Read {issuer}{JWKS_PATH} again now; do not wait for the cache ({JWKS_CACHE_SECONDS} seconds).",
            "2. Refuse everything signed under the revoked kids above, whatever its date, and end the sessions that"
            " rest on it if you cannot tell who signed it.",
            f"3. {issuer}{CALENDAR_PATH} lists what is revoked and what signs now.",
        ]
    )
    here = (
        f"Every node that reaches the database follows within {REFRESH_SECONDS} seconds. Sessions, codes, refresh"
        " tokens and opaque access tokens of this provider go on: none of them rests on a signature. An id_token_hint"
        " under a revoked kid is refused."
    )
    session.show(members, "\n".join(lines) + f"\n\n{told}\n\n{here}")
