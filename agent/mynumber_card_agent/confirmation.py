"""What the person sees before the PIN: every member that can be judged, in a fixed order, the redirect host first.

Protocol §3.2. A dialog shows the rows as they are and interprets no markup in them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from mynumber_card_agent.opening import Opening
from mynumber_card_agent.texts import say, say_for
from mynumber_card_agent.transaction import Language

Weight = Literal["largest", "normal", "warning"]
_LEAST_UNREMARKABLE_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled value. A value may hold line feeds only where it is the statement or the list of claims."""

    label: str
    value: str
    weight: Weight = "normal"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The rows, what went wrong just before (empty at first), what is asked for, and the language of the buttons."""

    rows: tuple[Row, ...]
    remark: str
    prompt: str
    language: Language


def _format_time(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def make_confirmation(issuer: str, opening: Opening, tries_left: int, remark: str, language: Language) -> Confirmation:
    """Lay out one request for a person.

    Takes: the configured issuer; tries_left as the card said.
    """
    shown = opening.transaction

    def row(label: str, value: str, weight: Weight = "normal") -> Row:
        return Row(say_for(opening.purpose, f"label_{label}", language), value, weight)

    # The mark stands before the name, so that a long name cannot push it out of sight.
    standing = "client_name" if shown.is_reviewed else "client_name_unreviewed"
    # A scheme can be spelled like a host (bank.example.jp:/x), so an app's address is never shown under a host's label.
    leads_to = "redirect_app" if shown.redirect_host.endswith(":") else "redirect_host"
    rows = [
        row(leads_to, shown.redirect_host, "largest"),
        row(standing, shown.client_name, "normal" if shown.is_reviewed else "warning"),
        row("action", say(f"action_{shown.action}", language)),
        row("issuer", issuer),
        row("signed", say(f"signed_{opening.purpose}", language)),
    ]
    if shown.statement:
        rows.append(row("statement", shown.statement))
    if shown.claims:
        rows.append(row("claims", "\n".join(shown.claims)))
    rows.append(row("client_id", shown.client_id))
    rows.append(row("redirect_uri", shown.redirect_uri))
    if shown.acr:
        rows.append(row("acr", shown.acr))
    rows.append(row("issued_at", _format_time(shown.issued_at)))
    rows.append(row("expires_at", _format_time(shown.expires_at)))
    rows.append(row("txn", shown.txn))
    weight: Weight = "normal" if tries_left >= _LEAST_UNREMARKABLE_TRIES else "warning"
    rows.append(row("tries_left", str(tries_left), weight))
    return Confirmation(tuple(rows), remark, say_for(opening.purpose, "ask_pin", language), language)
