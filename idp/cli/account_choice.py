"""Which account an operator means: by a sign-in, by a client's ``sub``, or by the card on the desk. Never by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import click

from idp.cli.card_reading import read_tapped_certificate
from idp.cli.failure import Refused
from idp.cli.session import Session
from idp.cli.tapped_card import digest_certificate
from idp.stores.sql.account_administration import AccountSummary

_TXN_CHARACTERS: Final = 43
# What pages show of it: 60 random bits.
_SHOWN_TXN_CHARACTERS: Final = 10


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """The options as given; exactly one way of choosing is."""

    account_id: str | None
    txn: str | None
    client_id: str | None
    sub: str | None
    card: str | None


def choice_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options by which a verb lets an account be chosen."""
    options = (
        click.option(
            "--txn",
            help="The number of a sign-in, as its ID token or the log has it; or its first ten characters, as pages"
            " show them, or more.",
        ),
        click.option("--client-id", help="With --sub: who reports."),
        click.option("--sub", help="With --client-id: the sub that this client knows."),
        click.option("--card", metavar="READER", help="The card lying on pcsc, pcsc:NAME or socket:HOST:PORT; no PIN."),
        click.option("--account", "account_id", help="The account's own identifier, as idp account find prints it."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def get_chosen_account(session: Session, choice: AccountChoice) -> AccountSummary:
    """The account that was meant.

    Raises: UsageError: not exactly one way of choosing. Refused: there is no such account. Undetermined: no reader.
    """
    if (choice.client_id is None) != (choice.sub is None):
        raise click.UsageError("--client-id and --sub go together")
    if sum(way is not None for way in (choice.account_id, choice.txn, choice.sub, choice.card)) != 1:
        raise click.UsageError("one of --txn, --client-id with --sub, --card and --account is needed")
    found = _find(session, choice)
    if found is None:
        raise Refused("there is no such account")
    return found


def _find(session: Session, choice: AccountChoice) -> AccountSummary | None:
    accounts, now = session.parts.account_administration, session.now
    if choice.txn is not None:
        return accounts.find_account_by_txn(_complete_txn(session, choice.txn), now)
    if choice.client_id is not None and choice.sub is not None:
        return accounts.find_account_by_subject(choice.client_id, choice.sub, now)
    account_id = choice.account_id
    if choice.card is not None:
        certificate = read_tapped_certificate(choice.card, is_sandbox=session.settings.is_sandbox)
        digests = digest_certificate(certificate, session.parts.trust, session.parts.lookup_keys)
        credential = session.parts.durable.find_credential(digests)
        account_id = None if credential is None else credential.account_id
    return None if account_id is None else accounts.find_account(account_id, now)


def _complete_txn(session: Session, txn: str) -> str:
    if not _SHOWN_TXN_CHARACTERS <= len(txn) < _TXN_CHARACTERS:
        return txn
    found = session.parts.account_administration.find_txns(txn, 2)
    if len(found) > 1:
        raise Refused("several sign-ins begin so; give more of the number")
    return found[0] if found else txn
