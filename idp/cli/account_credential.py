"""``idp account restore-credential``: a card or phone that was reported lost and found again."""

from typing import Any, Final

import click

from idp.cli.session import Session, json_option
from idp.identifiers import is_identifier
from idp.identity.attachment import restore_credential
from idp.identity.errors import LinkRefused

# A random identifier may begin with a hyphen and is no option then.
_ANY_IDENTIFIER: Final = {"ignore_unknown_options": True}


@click.command("restore-credential", context_settings=_ANY_IDENTIFIER)
@click.argument("credential_id")
@json_option
@click.pass_obj
def restore(session: Session, credential_id: str) -> None:
    """Let a card or phone that was reported lost sign in again; ``account find`` shows its identifier.

    First make sure that whoever asks is its holder and has it back. What it had added stays blocked; restore each by
    its own identifier. A revoked one is never restored.
    """
    if not is_identifier(credential_id):
        raise LinkRefused("no_such_credential")
    with session.parts.durable.writing() as writer:
        blocked = sorted(restore_credential(writer, credential_id, now=session.now))
    data: dict[str, Any] = {"credential_id": credential_id, "state": "active", "still_suspended": blocked}
    lines = [f"{credential_id} is active."]
    if blocked:
        lines += ["What it had added stays blocked:", *blocked]
    session.show(data, "\n".join(lines))
