"""What the templates of the person's own page are filled with."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from idp.identifiers import encode_base64url
from idp.identity.account import Account
from idp.identity.attachment import AccountCredential, Attachment, check_may_undo
from idp.identity.errors import LinkRefused
from idp.identity.link_request import LinkRequest
from idp.identity.linking_ports import AttachmentReader
from idp.jpki.profile import Purpose
from idp.oidc.client import Client
from idp.signin.evidence_record import EvidenceRecord
from idp.signin.own_account_overview import AccountOverview, OwnCard, ReachedClient
from idp.signin.own_account_session import OwnSession
from idp.signin.parts import SigninParts

# Names of claims that have words of their own in the catalogues; any other name is shown as it is.
WORDED_CLAIMS: Final = ("name", "birthdate", "address", "gender", "verified_claims", "certificate_serial", "txn")


def card_values(card: OwnCard, purposes: Mapping[str, Purpose], current_credential_id: str) -> dict[str, Any]:
    """A card or phone; ``purposes`` are those of the profiles that the settings know."""
    return {
        "credential_id": card.credential_id,
        "kind": card.kind,
        "purpose": purpose_of(card, purposes).replace("-", "_"),
        "state": card.state.value,
        "first_seen_at": card.first_seen_at,
        "last_seen_at": card.last_seen_at,
        "is_this_one": card.credential_id == current_credential_id,
    }


def announced_values(
    store: AttachmentReader, session: OwnSession, overview: AccountOverview, now: datetime
) -> list[dict[str, Any]]:
    """What joined the account in the last 30 days; ``may_undo`` says that the card of this session is an older one."""
    attachments = store.find_attachments(session.account_id)
    cards = {card.credential_id: card for card in overview.cards}
    shown = []
    for each in attachments:
        card = cards.get(each.credential_id)
        if card is None or now >= each.announced_until:
            continue
        values = {
            "credential_id": each.credential_id,
            "kind": card.kind,
            "at": each.attached_at,
            "until": each.announced_until,
            "is_by_operators": each.attached_by is None,
            "may_undo": _may_undo(each, cards.get(session.credential_id), session, attachments, now),
        }
        shown.append(values)
    return shown


def _may_undo(
    attachment: Attachment, by: OwnCard | None, session: OwnSession, attachments: Iterable[Attachment], now: datetime
) -> bool:
    if by is None:
        return False
    credential = AccountCredential(by.credential_id, session.account_id, by.state, by.first_seen_at)
    try:
        check_may_undo(attachment, credential, attachments, now)
    except LinkRefused:
        return False
    return True


def request_values(requests: Iterable[LinkRequest]) -> list[dict[str, Any]]:
    """Requests that wait for operators; by ``reference`` a person and an operator speak of the same one."""
    return [
        {"kind": each.kind, "at": each.requested_at, "until": each.expires_at, "reference": each.txn[:10]}
        for each in requests
    ]


def account_values(accounts: Iterable[Account], current_account_id: str) -> list[dict[str, Any]]:
    """Accounts that a person may ask for; nothing of them but the day on which each was first used."""
    return [
        {"choice": account_choice(each), "at": each.opened_at, "is_this_one": each.account_id == current_account_id}
        for each in accounts
    ]


def account_choice(account: Account) -> str:
    """How a form names an account; its identifier stays out of pages, as it stays out of cookies."""
    return encode_base64url(hashlib.sha256(account.account_id.encode("ascii")).digest())


def purposes_of(parts: SigninParts) -> dict[str, Purpose]:
    """What the certificates of each profile are for."""
    return {profile.name: profile.purpose for profile in parts.verifier.profiles}


def purpose_of(card: OwnCard, purposes: Mapping[str, Purpose]) -> Purpose:
    """What the card's certificate is for; one whose profile is no longer known signs nobody in."""
    return purposes.get(card.profile, "digital-signature")


def service_values(service: ReachedClient, client: Client | None) -> dict[str, Any]:
    """A service; ``client`` is None where it is no longer registered."""
    return {
        "client_id": service.client_id,
        "name": None if client is None else client.client_name,
        "host": None if client is None else _host(client),
        "is_reviewed": client is not None and client.is_reviewed,
        "since": service.since,
        "last_at": service.last_at,
        "has_access": service.has_access,
        "agreed_until": service.agreed_until,
        "receipts": [
            {"at": receipt.at, "claims": [(name, name in WORDED_CLAIMS) for name in receipt.names]}
            for receipt in service.receipts
        ],
    }


def evidence_values(records: Iterable[tuple[EvidenceRecord, Client | None]]) -> list[dict[str, Any]]:
    """What stays of the evidence when the account goes: held, or kept for a client with a legal basis."""
    return [
        {
            "name": record.client_id if client is None else client.client_name,
            "is_held": record.held_at is not None,
            "until": record.expires_at,
        }
        for record, client in records
        if record.held_at is not None or record.sealed is not None
    ]


def _host(client: Client) -> str:
    uri = client.redirect_uris[0] if client.redirect_uris else client.client_uri
    return urlsplit(uri).netloc or uri.partition(":")[0]
