"""Persons as platform operators name them, by keyed digest, and the accounts they reach."""

# ruff: noqa: S608 - statements are made of constants of this package; every value is a parameter

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identity.account import Account, AccountState
from idp.identity.credential import LookupDigest
from idp.stores.sql.database import Statements

_FIND_KEY_IDS: Final = "SELECT lookup_key_id FROM account_links WHERE account_id = ?"
_INSERT: Final = """
INSERT INTO account_links (lookup_key_id, link_digest, account_id, check_id, linked_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (lookup_key_id, link_digest) DO NOTHING
RETURNING account_id
"""
_SET_CREDENTIAL_LINK: Final = "UPDATE credentials SET link_digest = ? WHERE credential_id = ?"
_DELETE: Final = "DELETE FROM account_links WHERE lookup_key_id = ? AND link_digest = ?"


class AccountLinkReads:
    """What is asked before an operator is asked."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def has_link(self, digests: Sequence[LookupDigest], link_key_id: str) -> bool:
        """Whether a credential is known under any of the digests, and an operator named its account's person for it."""
        if not digests:
            return False
        parameters = [value for each in digests for value in (each.key_id, each.digest)]
        return self._statements.read_one(_link_check_sql(len(digests)), (*parameters, link_key_id)) is not None


class AccountLinkWrites:
    """What a durable transaction does with links."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_account_by_link(self, digests: Sequence[LookupDigest]) -> Account | None:
        """The account that a person reaches who is known under any of the digests."""
        if not digests:
            return None
        parameters = [value for each in digests for value in (each.key_id, each.digest)]
        row = self._statements.read_one(_find_account_sql(len(digests)), parameters)
        if row is None:
            return None
        return Account(account_id=row[0], state=AccountState(row[1]), opened_at=from_epoch_seconds(row[2]))

    def find_link_key_ids(self, account_id: str) -> frozenset[str]:
        """Under which look-up keys the account's person is recorded; empty if it is not."""
        return frozenset(row[0] for row in self._statements.read_all(_FIND_KEY_IDS, (account_id,)))

    def insert_account_link(self, link: LookupDigest, account_id: str, check_id: str, now: datetime) -> bool:
        """Record a person's account; False if the digest is recorded already (then look again)."""
        row = (link.key_id, link.digest, account_id, check_id, to_epoch_seconds(now))
        return bool(self._statements.write(_INSERT, row))

    def set_credential_link(self, credential_id: str, link: LookupDigest) -> None:
        """Note whom an operator named for this credential."""
        self._statements.write(_SET_CREDENTIAL_LINK, (link.digest, credential_id))

    def delete_account_links(self, digests: Sequence[LookupDigest]) -> None:
        """Forget digests under older look-up keys, after the newest one is recorded."""
        for digest in digests:
            self._statements.write(_DELETE, (digest.key_id, digest.digest))


@cache
def _find_account_sql(digest_count: int) -> str:
    condition = " OR ".join(["(account_links.lookup_key_id = ? AND account_links.link_digest = ?)"] * digest_count)
    return f"""
SELECT accounts.account_id, accounts.state, accounts.opened_at
FROM account_links JOIN accounts ON accounts.account_id = account_links.account_id
WHERE {condition}
ORDER BY account_links.linked_at, accounts.account_id
LIMIT 1
"""


@cache
def _link_check_sql(digest_count: int) -> str:
    condition = " OR ".join(["(credentials.lookup_key_id = ? AND credentials.lookup_digest = ?)"] * digest_count)
    return f"""
SELECT 1 FROM credentials JOIN account_links
  ON account_links.account_id = credentials.account_id AND account_links.link_digest = credentials.link_digest
WHERE ({condition}) AND account_links.lookup_key_id = ?
LIMIT 1
"""
