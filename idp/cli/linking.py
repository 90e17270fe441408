"""``idp linking``: requests that a card lead to an account; two different operators decide, and one no is enough."""

from collections.abc import Callable
from typing import Any, Final

import click

from idp.cli.session import Session, json_option
from idp.cli.table import lay_out_table
from idp.identity.link_request import LinkRequest, approve_request, reject_request

# A random identifier may begin with a hyphen and is no option then.
_ANY_IDENTIFIER: Final = {"ignore_unknown_options": True}


@click.group("linking")
def linking() -> None:
    """Requests that a card lead to an account."""


def decision_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The request, and who decides."""
    operator = click.option(
        "--operator", required=True, envvar="IDP_OPERATOR_NAME", help="Your own short name; the audit log keeps it."
    )
    return click.argument("request_id")(operator(command))


@linking.command("pending")
@json_option
@click.pass_obj
def list_pending(session: Session) -> None:
    """Requests that wait for a decision, oldest first."""
    requests = session.parts.durable.find_pending_link_requests(session.now)
    members = [_describe(request) for request in requests]
    rows = [[str(value) for value in member.values()] for member in members]
    session.show(members, lay_out_table(["REQUEST", "ACCOUNT", "KIND", "TXN", "ASKED", "APPROVED BY"], rows))


@linking.command("approve", context_settings=_ANY_IDENTIFIER)
@decision_options
@json_option
@click.pass_obj
def approve(session: Session, request_id: str, operator: str) -> None:
    """Say yes; the second yes, from somebody else, lets the card lead to the account."""
    with session.parts.durable.writing() as writer:
        is_linked = approve_request(writer, request_id, operator, now=session.now)
    text = "The card leads to the account now." if is_linked else "Another operator has to approve as well."
    session.show({"request_id": request_id, "state": "approved" if is_linked else "pending"}, text)


@linking.command("reject", context_settings=_ANY_IDENTIFIER)
@decision_options
@json_option
@click.pass_obj
def reject(session: Session, request_id: str, operator: str) -> None:
    """Say no, for good; the person may ask again."""
    with session.parts.durable.writing() as writer:
        reject_request(writer, request_id, operator, now=session.now)
    session.show({"request_id": request_id, "state": "rejected"}, "Rejected.")


def _describe(request: LinkRequest) -> dict[str, str]:
    return {
        "request_id": request.request_id,
        "account_id": request.account_id,
        "kind": request.kind,
        "txn": request.txn,
        "requested_at": request.requested_at.isoformat(),
        "first_operator": request.first_operator or "",
    }
