"""``idp client invite``: initial access tokens, with which a developer may register a client (RFC 7591 §3)."""

from datetime import timedelta
from typing import Any

import click

from idp.cli.client_answer import write_members
from idp.cli.failure import Refused
from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.identifiers import hash_secret, new_identifier
from idp.oidc.authorization_request import grantable_scopes
from idp.oidc.dynamic_registration import REGISTRATION_PATH
from idp.oidc.registration_ports import RegistrationLimits
from idp.stores.sql.client_registrations import StoredInvitation

_KEEP_TOKEN = "The initial_access_token is shown this once and not stored."


@click.command("invite")
@click.option("--uses", type=click.IntRange(1, 1000), default=1, help="How many clients; one if not given.")
@click.option("--days", type=click.IntRange(1, 365), default=7, help="How long it is good; seven days if not given.")
@click.option("--scope", default="", help="Scopes that may be registered, if not those of the settings.")
@click.option("--redirect-host", "redirect_hosts", multiple=True, help="Only redirect URIs of this host; repeatable.")
@click.option("--note", default="", help="For whom; shown in the list.")
@json_option
@click.pass_obj
def invite(session: Session, uses: int, days: int, scope: str, redirect_hosts: tuple[str, ...], note: str) -> None:
    """Make an initial access token and print it, once."""
    if session.settings.registration.mode == "off":
        raise Refused("no client can register itself here: registration.mode is off")
    supported = grantable_scopes(session.parts.claims_policy)
    if unknown := [value for value in scope.split() if value not in supported]:
        raise Refused(f"scope {' '.join(unknown)} is none of {' '.join(supported)}")
    if any(not host or " " in host or "/" in host or host != host.lower() for host in redirect_hosts):
        raise Refused("--redirect-host is the name of a host, in lower case, without scheme and path")
    token = new_identifier()
    limits = RegistrationLimits(tuple(dict.fromkeys(scope.split())), tuple(dict.fromkeys(redirect_hosts)))
    made = StoredInvitation(new_identifier(), note, limits, uses, session.now + timedelta(days=days))
    session.parts.client_registrations.insert_invitation(made, hash_secret(token), session.now)
    members = {
        **_describe(made),
        "initial_access_token": token,
        "registration_endpoint": session.settings.issuer + REGISTRATION_PATH,
    }
    session.show(members, f"{write_members(members)}\n\n{_KEEP_TOKEN}")


@click.command("invitations")
@json_option
@click.pass_obj
def list_invitations(session: Session) -> None:
    """Initial access tokens that are still good."""
    found = [_describe(each) for each in session.parts.client_registrations.list_invitations(session.now)]
    rows = [[str(each[name]) for name in ("invitation_id", "uses_left", "expires_at", "note")] for each in found]
    session.show(found, lay_out_table(["INVITATION_ID", "USES_LEFT", "EXPIRES_AT", "NOTE"], rows))


@click.command("uninvite")
@click.argument("invitation_id")
@json_option
@click.pass_obj
def uninvite(session: Session, invitation_id: str) -> None:
    """End an initial access token; clients that came by it stay."""
    if not session.parts.client_registrations.delete_invitation(invitation_id, session.now):
        raise Refused(f"there is no invitation {invitation_id}")
    session.show({"invitation_id": invitation_id, "state": "ended"}, f"{invitation_id} is ended.")


def _describe(invitation: StoredInvitation) -> dict[str, Any]:
    return {
        "invitation_id": invitation.token_id,
        "note": invitation.note,
        "scope": " ".join(invitation.limits.scope),
        "redirect_hosts": list(invitation.limits.redirect_hosts),
        "uses_left": invitation.uses_left,
        "expires_at": invitation.expires_at.isoformat(timespec="seconds"),
    }
