"""The provider's answer to ``/card/open``, checked before anybody sees it. Protocol §3.1."""

from dataclasses import dataclass
from typing import Final

from mynumber_card_agent.closed_json import check_members, get_text, parse_object
from mynumber_card_agent.member_rules import check_identifier
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.transaction import Transaction, check_declaration, parse_transaction

FORMAT: Final = "mynumber-card/1"
PURPOSES: Final = frozenset({"user-authentication", "digital-signature"})
_MEMBERS: Final = frozenset({"format", "issuer", "purpose", "nonce", "transaction", "expires_in"})
_LONGEST_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Opening:
    """A transaction that this presenter has opened."""

    purpose: str
    nonce: str
    transaction: Transaction
    expires_in_seconds: int


def parse_opening(unverified_body: bytes, issuer: str) -> Opening:
    """Establish that an answer is a transaction of the configured issuer.

    Takes:  the issuer as configured, never as received.
    Raises: AgentError(INVALID_ANSWER): another issuer, another format, an unknown purpose, no time left, any member
            against its rule, a declaration of will that declares nothing.
    """
    members = parse_object(unverified_body)
    check_members(members, _MEMBERS)
    if get_text(members, "format") != FORMAT:
        raise AgentError(Outcome.INVALID_ANSWER, f"format: must be {FORMAT}")
    if get_text(members, "issuer") != issuer:
        raise AgentError(Outcome.INVALID_ANSWER, "issuer: is not the configured one")
    purpose, nonce, seconds = get_text(members, "purpose"), get_text(members, "nonce"), members["expires_in"]
    if purpose not in PURPOSES:
        raise AgentError(Outcome.INVALID_ANSWER, "purpose: is not known")
    check_identifier("nonce", nonce)
    # type() because a JSON true is an int to isinstance.
    if type(seconds) is not int or not 0 < seconds <= _LONGEST_SECONDS:
        raise AgentError(Outcome.INVALID_ANSWER, f"expires_in: 1 to {_LONGEST_SECONDS} seconds")
    transaction = parse_transaction(members["transaction"])
    if purpose == "digital-signature":
        check_declaration(transaction)
    return Opening(purpose, nonce, transaction, seconds)
