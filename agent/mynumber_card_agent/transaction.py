"""The transaction: what the person is shown and what is signed, a closed set of members. Protocol §3.2."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from mynumber_card_agent.closed_json import JsonObject, check_members, get_text
from mynumber_card_agent.member_rules import (
    check_display_string,
    check_identifier,
    check_printable_ascii,
    parse_redirect_host,
    parse_time,
)
from mynumber_card_agent.outcomes import AgentError, Outcome

Language = Literal["ja", "en"]

ACTIONS: Final = frozenset({"sign-in", "step-up", "attach-credential", "merge", "delete"})
TEXT_MEMBERS: Final = frozenset(
    {
        "txn", "action", "flow", "client_id", "client_name", "client_status", "redirect_uri", "acr", "statement",
        "request_hash", "locale", "issued_at", "expires_at",
    }
)  # fmt: skip
MEMBERS: Final = TEXT_MEMBERS | {"claims"}
_MOST_CLAIMS: Final = 64


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction whose every member keeps its rule. ``members`` is the object as it came, to be signed."""

    members: JsonObject
    txn: str
    action: str
    client_id: str
    client_name: str
    is_reviewed: bool
    redirect_uri: str
    redirect_host: str
    acr: str
    claims: tuple[str, ...]
    statement: str
    locale: Language
    issued_at: datetime
    expires_at: datetime


def _check_choice(member: str, text: str, choices: frozenset[str]) -> None:
    if text not in choices:
        raise AgentError(Outcome.INVALID_ANSWER, f"{member}: must be one of {', '.join(sorted(choices))}")


def _parse_claims(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MOST_CLAIMS or not all(isinstance(name, str) for name in value):
        raise AgentError(Outcome.INVALID_ANSWER, f"claims: an array of at most {_MOST_CLAIMS} strings")
    for name in value:
        check_printable_ascii("claims", name, shortest=1, longest=64)
    return tuple(value)


def parse_transaction(unverified: Any) -> Transaction:
    """Establish that a person can be shown this transaction, and that it means what it shows.

    Raises: AgentError(INVALID_ANSWER): a member missing, unknown, of another type, or against its rule;
            ``cross-device`` among them, which is reserved.
    """
    if not isinstance(unverified, dict):
        raise AgentError(Outcome.INVALID_ANSWER, "transaction: must be an object")
    check_members(unverified, MEMBERS)
    text = {name: get_text(unverified, name) for name in TEXT_MEMBERS}
    check_identifier("txn", text["txn"])
    check_identifier("request_hash", text["request_hash"])
    _check_choice("action", text["action"], ACTIONS)
    _check_choice("flow", text["flow"], frozenset({"same-device"}))
    _check_choice("client_status", text["client_status"], frozenset({"reviewed", "unreviewed"}))
    _check_choice("locale", text["locale"], frozenset({"ja", "en"}))
    check_printable_ascii("client_id", text["client_id"], shortest=1, longest=255)
    check_printable_ascii("acr", text["acr"], shortest=0, longest=255)
    check_display_string("client_name", text["client_name"], shortest=1, longest=64)
    check_display_string("statement", text["statement"], shortest=0, longest=2000, line_feed=True)
    issued_at, expires_at = parse_time("issued_at", text["issued_at"]), parse_time("expires_at", text["expires_at"])
    if expires_at <= issued_at:
        raise AgentError(Outcome.INVALID_ANSWER, "expires_at: must be later than issued_at")
    return Transaction(
        members=unverified,
        txn=text["txn"],
        action=text["action"],
        client_id=text["client_id"],
        client_name=text["client_name"],
        is_reviewed=text["client_status"] == "reviewed",
        redirect_uri=text["redirect_uri"],
        redirect_host=parse_redirect_host(text["redirect_uri"]),
        acr=text["acr"],
        claims=_parse_claims(unverified["claims"]),
        statement=text["statement"],
        locale=cast(Language, text["locale"]),
        issued_at=issued_at,
        expires_at=expires_at,
    )


def check_declaration(transaction: Transaction) -> None:
    """Establish that a signature by the digital signature certificate would declare something, and sign nobody in.

    Raises: AgentError(INVALID_ANSWER): no statement, no claims, or another action than ``step-up``.
    """
    _check_choice("action", transaction.action, frozenset({"step-up"}))
    if not transaction.statement:
        raise AgentError(Outcome.INVALID_ANSWER, "statement: must not be empty for digital-signature")
    if not transaction.claims:
        raise AgentError(Outcome.INVALID_ANSWER, "claims: must not be empty for digital-signature")
