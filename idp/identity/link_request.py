"""An operator's decision: somebody asks that a card lead to an account, and two different operators have to agree."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from idp.audit import AuditEvent, AuditRecord
from idp.identifiers import Randomness, new_identifier
from idp.identity.attachment import Attachment, insert_new_credential
from idp.identity.credential import LookupDigest, PresentedCredential
from idp.identity.errors import LinkRefused
from idp.identity.merge import apply_merge, plan_merge

if TYPE_CHECKING:
    from idp.identity.linking_ports import LinkRequestWriter

REQUEST_LIFE: Final = timedelta(days=30)
# Whoever asks more often than people lose cards fills the operators' list; they are the scarce thing here.
MOST_PENDING: Final = 3
_OPERATOR: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


class LinkRequestState(StrEnum):
    """Where a request stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A request; ``first_operator`` has approved it, ``decided_by`` has ended it."""

    request_id: str
    account_id: str
    lookup: LookupDigest
    profile: str
    kind: str
    valid_until: datetime
    txn: str
    requested_at: datetime
    expires_at: datetime
    state: LinkRequestState = LinkRequestState.PENDING
    first_operator: str | None = None
    decided_by: str | None = None


def request_link(
    writer: "LinkRequestWriter",
    presented: PresentedCredential,
    account_id: str,
    *,
    now: datetime,
    txn: str,
    randomness: Randomness = secrets.token_bytes,
) -> LinkRequest:
    """Record that whoever proved this card a moment ago says that the account is theirs; nothing else happens.

    Raises: LinkRefused: no_such_account; requests_pending, where as many wait as operators are asked to look at.
    """
    if writer.find_account(account_id) is None:
        raise LinkRefused("no_such_account")
    if len(writer.find_account_link_requests(account_id, now)) >= MOST_PENDING:
        raise LinkRefused("requests_pending")
    request = LinkRequest(
        request_id=new_identifier(randomness),
        account_id=account_id,
        lookup=presented.digests[0],
        profile=presented.profile,
        kind=presented.kind,
        valid_until=presented.valid_until,
        txn=txn,
        requested_at=now,
        expires_at=now + REQUEST_LIFE,
    )
    writer.insert_link_request(request)
    writer.append_audit(AuditRecord(AuditEvent.LINK_REQUESTED, now, account_id, txn=txn))
    return request


def approve_request(
    writer: "LinkRequestWriter",
    request_id: str,
    operator: str,
    *,
    now: datetime,
    randomness: Randomness = secrets.token_bytes,
) -> bool:
    """One operator's yes; the second one's, who is another, lets the card lead to the account.

    Takes:   operator, a short name that the audit keeps.
    Returns: whether that was the second one.
    Raises:  LinkRefused: no_such_request, not_pending, expired, same_operator, bad_operator_name; what a merge refuses.
    Effect:  a card that reached another account brings that account along, as a merge that can be undone.
    """
    request = _get_open(writer, request_id, operator, now)
    if request.first_operator is None:
        if not writer.set_first_operator(request_id, operator):
            raise LinkRefused("not_pending")
        _audit(writer, AuditEvent.LINK_APPROVED, request, operator, now)
        return False
    if request.first_operator == operator:
        raise LinkRefused("same_operator")
    if not writer.decide_link_request(request_id, LinkRequestState.APPROVED.value, operator):
        raise LinkRefused("not_pending")
    _audit(writer, AuditEvent.LINK_APPROVED, request, operator, now)
    _link(writer, request, now, randomness)
    return True


def reject_request(writer: "LinkRequestWriter", request_id: str, operator: str, *, now: datetime) -> None:
    """One operator's no, which is enough.

    Raises: LinkRefused: no_such_request, not_pending, expired, bad_operator_name.
    """
    request = _get_open(writer, request_id, operator, now)
    if not writer.decide_link_request(request_id, LinkRequestState.REJECTED.value, operator):
        raise LinkRefused("not_pending")
    _audit(writer, AuditEvent.LINK_REJECTED, request, operator, now)


def _get_open(writer: "LinkRequestWriter", request_id: str, operator: str, now: datetime) -> LinkRequest:
    if not _OPERATOR.fullmatch(operator):
        raise LinkRefused("bad_operator_name")
    request = writer.find_link_request(request_id)
    if request is None:
        raise LinkRefused("no_such_request")
    if request.state is not LinkRequestState.PENDING:
        raise LinkRefused("not_pending")
    if now >= request.expires_at:
        raise LinkRefused("expired")
    return request


def _link(writer: "LinkRequestWriter", request: LinkRequest, now: datetime, randomness: Randomness) -> None:
    known = writer.find_credential([request.lookup])
    if known is not None and known.account_id != request.account_id:
        plan = plan_merge(writer, known.account_id, request.account_id)
        apply_merge(writer, plan, now=now, randomness=randomness)
    elif known is None:
        presented = PresentedCredential((request.lookup,), request.profile, request.kind, request.valid_until)
        credential_id = insert_new_credential(writer, presented, request.account_id, now, randomness)
        writer.insert_attachment(Attachment(credential_id, request.account_id, None, now))
        writer.append_audit(AuditRecord(AuditEvent.CREDENTIAL_ATTACHED, now, request.account_id, txn=request.txn))


def _audit(writer: "LinkRequestWriter", event: AuditEvent, request: LinkRequest, operator: str, now: datetime) -> None:
    writer.append_audit(AuditRecord(event, now, request.account_id, txn=request.txn, outcome=operator))
