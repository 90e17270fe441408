"""How a client is printed: its members, and a secret the one time that there is one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from idp.cli.session import Session
from idp.oidc.client import Client
from idp.oidc.registration import client_to_metadata

_KEEP_SECRET: Final = "The client_secret is shown this once and not stored."


def describe_client(client: Client) -> dict[str, Any]:
    """A client's members, with the operator's own."""
    members = {**client_to_metadata(client), "sector": client.sector, "is_reviewed": client.is_reviewed}
    if client.is_lawful_verifier:
        members["is_lawful_verifier"] = True
    if client.evidence_retention_days is not None:
        members["evidence_retention_days"] = client.evidence_retention_days
    return members


def with_secret(members: dict[str, Any], secret: str | None) -> dict[str, Any]:
    """The members with a secret, if there is one."""
    # RFC 7591 §3.2.1: client_secret_expires_at is required with a secret; 0 says never.
    return members if secret is None else {**members, "client_secret": secret, "client_secret_expires_at": 0}


def show_clients(session: Session, answers: Sequence[dict[str, Any]], *, is_list: bool) -> None:
    """Print clients; as JSON one object, or a list where ``is_list`` says so."""
    text = "\n\n".join(map(write_members, answers))
    if any("client_secret" in members for members in answers):
        text += f"\n\n{_KEEP_SECRET}"
    session.show(list(answers) if is_list else answers[0], text)


def write_members(members: Mapping[str, Any]) -> str:
    """Members for people, one a line."""
    width = max(map(len, members))
    return "\n".join(f"{name.ljust(width)}  {_write(value)}" for name, value in members.items())


def _write(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
