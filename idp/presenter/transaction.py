"""The transaction: what a person is shown and what the card signs, a closed schema (protocol §3.2)."""

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final, Literal

import rfc8785

from idp.identifiers import is_identifier
from idp.presenter.display import STATEMENT_CHARACTERS, check_client_name, check_display_text
from idp.presenter.redirect_host import is_judgeable_redirect_uri

Purpose = Literal["user-authentication", "digital-signature"]

_ACTIONS: Final = frozenset({"sign-in", "step-up", "attach-credential", "merge", "delete"})
_PRINTABLE_ASCII: Final = re.compile(r"[\x20-\x7e]*")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_TIME_FORM: Final = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class InvalidTransaction(ValueError):
    """A member breaks its rule; nobody may be asked to sign this."""


@dataclass(frozen=True, slots=True)
class CardTransaction:
    """Every member of the protocol's transaction, by its own name.

    Source: card presenter protocol §3.2.
    """

    txn: str
    action: str
    flow: str
    client_id: str
    client_name: str
    client_status: str
    redirect_uri: str
    acr: str
    claims: tuple[str, ...]
    statement: str
    request_hash: str
    locale: str
    issued_at: str
    expires_at: str

    def to_members(self) -> dict[str, Any]:
        """The JSON object of the protocol."""
        members = {field.name: getattr(self, field.name) for field in fields(self)}
        return members | {"claims": list(self.claims)}

    def canonical(self) -> bytes:
        """The RFC 8785 form, UTF-8; the bytes that are hashed into what the card signs."""
        return rfc8785.dumps(self.to_members())


def format_time(moment: datetime) -> str:
    """A moment as the protocol writes it, whole seconds of UTC."""
    return moment.astimezone(UTC).strftime(_TIME)


def check_transaction(transaction: CardTransaction, purpose: Purpose = "user-authentication") -> None:
    """Establish that a person can be shown this transaction for this purpose and a presenter will accept it.

    Raises: InvalidTransaction: a member outside its rule, or a declaration of will without statement, without claims or
            for another action than ``step-up``; UndisplayableText (a ValueError too): a display string.
    Source: card presenter protocol §3.2.
    """
    check_client_name(transaction.client_name)
    check_display_text(transaction.statement, limit_characters=STATEMENT_CHARACTERS, allow_line_feed=True)
    rules = {
        "txn": is_identifier(transaction.txn),
        "action": transaction.action in _ACTIONS,
        "flow": transaction.flow == "same-device",
        "client_id": _is_ascii(transaction.client_id, 1, 255),
        "client_status": transaction.client_status in ("reviewed", "unreviewed"),
        "redirect_uri": is_judgeable_redirect_uri(transaction.redirect_uri),
        "acr": _is_ascii(transaction.acr, 0, 255),
        "claims": len(transaction.claims) <= 64 and all(_is_ascii(name, 1, 64) for name in transaction.claims),
        "request_hash": is_identifier(transaction.request_hash),
        "locale": transaction.locale in ("ja", "en"),
        "issued_at": _find_moment(transaction.issued_at) is not None,
        "expires_at": _is_later(transaction.expires_at, transaction.issued_at),
    }
    broken = [member for member, holds in rules.items() if not holds]
    if broken:
        raise InvalidTransaction(", ".join(broken))
    if purpose == "digital-signature":
        _check_declaration(transaction)


def _check_declaration(transaction: CardTransaction) -> None:
    # A signature by this certificate is a declaration of will: it must say what is declared, and it never signs in.
    rules = {
        "action": transaction.action == "step-up",
        "statement": bool(transaction.statement),
        "claims": bool(transaction.claims),
    }
    broken = [member for member, holds in rules.items() if not holds]
    if broken:
        raise InvalidTransaction(f"digital-signature: {', '.join(broken)}")


def _find_moment(text: str) -> datetime | None:
    if _TIME_FORM.fullmatch(text) is None:
        return None
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def _is_later(text: str, than: str) -> bool:
    moment, earlier = _find_moment(text), _find_moment(than)
    return moment is not None and (earlier is None or moment > earlier)


def _is_ascii(text: str, at_least: int, at_most: int) -> bool:
    return at_least <= len(text) <= at_most and _PRINTABLE_ASCII.fullmatch(text) is not None
