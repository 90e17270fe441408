"""Accounts, credentials and subjects: who is who, by keyed digest and by sector.

Source: OIDC Core §8.1 (pairwise subjects).
"""

# ruff: noqa: S608 - statements are made of constants of this package; every value is a parameter

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from idp.clock import from_epoch_seconds, to_epoch_seconds
from idp.identity.account import Account, AccountState
from idp.identity.credential import Credential, CredentialState, LookupDigest, SealedSerial
from idp.stores.sql.database import Statements
from idp.stores.sql.session_ends import end_sign_ins

_INSERT_ACCOUNT: Final = "INSERT INTO accounts (account_id, state, opened_at, state_changed_at) VALUES (?, ?, ?, ?)"
_DELETE_UNUSED_ACCOUNT: Final = """
DELETE FROM accounts WHERE account_id = ?
  AND NOT EXISTS (SELECT 1 FROM credentials WHERE credentials.account_id = accounts.account_id)
"""
_INSERT_CREDENTIAL: Final = """
INSERT INTO credentials (credential_id, account_id, lookup_key_id, lookup_digest, profile, kind, valid_until, state,
                         state_changed_at, first_seen_at, last_seen_at, link_digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (lookup_key_id, lookup_digest) DO NOTHING
RETURNING credential_id
"""
_REWRITE_LOOKUP: Final = """
UPDATE credentials SET lookup_key_id = ?, lookup_digest = ?, last_seen_at = ?, sealed_serial = NULL,
                       status_due_at = NULL, status_time = NULL
WHERE credential_id = ?
  AND NOT EXISTS (SELECT 1 FROM credentials AS other WHERE other.lookup_key_id = ? AND other.lookup_digest = ?)
"""
# The row is written in any case: whoever revokes it at this moment waits, and then ends what this sign-in opened.
_SHOWN: Final = """
UPDATE credentials SET last_seen_at = CASE WHEN last_seen_at < ? THEN CAST(? AS BIGINT) ELSE last_seen_at END,
                       listed_by = ?, {0}
WHERE credential_id = ? AND state = 'active' RETURNING credential_id
"""
_TOUCH_CREDENTIAL: Final = _SHOWN.format("sealed_serial = NULL, status_due_at = NULL, status_time = NULL")
_KEEP_SERIAL: Final = _SHOWN.format("sealed_serial = ?, status_due_at = ?")
_FIND_SUBJECT: Final = "SELECT sub FROM subjects WHERE account_id = ? AND sector = ?"
_INSERT_SUBJECT: Final = """
INSERT INTO subjects (account_id, sector, sub, created_at) VALUES (?, ?, ?, ?)
ON CONFLICT (account_id, sector) DO UPDATE SET sub = subjects.sub
RETURNING sub
"""
_REVOKE_CREDENTIAL: Final = """
UPDATE credentials SET state = 'revoked', state_changed_at = ?, sealed_serial = NULL, status_due_at = NULL,
                       status_time = NULL
WHERE credential_id = ? AND state <> 'revoked'
"""
_SET_STATE: Final = "UPDATE accounts SET state = ?, state_changed_at = ? WHERE account_id = ? RETURNING account_id"
_SEEN_WITHIN: Final = timedelta(days=1)


class IdentityReads:
    """What is asked of identities, inside a transaction or outside."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def find_credential(self, digests: Sequence[LookupDigest]) -> Credential | None:
        """The credential known under any of the digests, with its account's state."""
        if not digests:
            return None
        parameters = [value for each in digests for value in (each.key_id, each.digest)]
        row = self._statements.read_one(_find_credential_sql(len(digests)), parameters)
        if row is None:
            return None
        return Credential(
            credential_id=row[0],
            account_id=row[1],
            lookup=LookupDigest(key_id=row[2], digest=row[3]),
            profile=row[4],
            kind=row[5],
            valid_until=from_epoch_seconds(row[6]),
            state=CredentialState(row[7]),
            is_account_active=row[8] == AccountState.ACTIVE,
            announced_until=None if row[9] is None else from_epoch_seconds(row[9]),
        )

    def find_subject(self, account_id: str, sector: str) -> str | None:
        """The ``sub`` by which the sector knows the account."""
        row = self._statements.read_one(_FIND_SUBJECT, (account_id, sector))
        return None if row is None else str(row[0])


class IdentityWrites(IdentityReads):
    """What a durable transaction does with identities; it reads them too, to see what it is about to change."""

    def insert_account(self, account: Account) -> None:
        """Record a new account."""
        opened_at = to_epoch_seconds(account.opened_at)
        self._statements.write(_INSERT_ACCOUNT, (account.account_id, account.state.value, opened_at, opened_at))

    def delete_unused_account(self, account_id: str) -> None:
        """Take back ``insert_account`` of this same transaction, where another transaction recorded the credential."""
        self._statements.write(_DELETE_UNUSED_ACCOUNT, (account_id,))

    def insert_credential(self, credential: Credential, now: datetime) -> bool:
        """Record a credential; False if another transaction has recorded the same digest (then look again)."""
        seconds = to_epoch_seconds(now)
        row = (
            credential.credential_id,
            credential.account_id,
            credential.lookup.key_id,
            credential.lookup.digest,
            credential.profile,
            credential.kind,
            to_epoch_seconds(credential.valid_until),
            credential.state.value,
            seconds,
            seconds,
            seconds,
            credential.link_digest,
        )
        return bool(self._statements.write(_INSERT_CREDENTIAL, row))

    def rewrite_credential_lookup(self, credential_id: str, lookup: LookupDigest, now: datetime) -> None:
        """Store the digest under the newest look-up key; nothing changes where that digest is another row's already.

        What was sealed for the former digest is forgotten: the same sign-in has sealed it anew.
        """
        identity = (lookup.key_id, lookup.digest)
        self._statements.write(_REWRITE_LOOKUP, (*identity, to_epoch_seconds(now), credential_id, *identity))

    def touch_credential(
        self, credential_id: str, now: datetime, serial: SealedSerial | None = None, listed_by: str | None = None
    ) -> bool:
        """Note the day on which the credential was last used, and keep its serial number, or forget it where None.

        Whoever is about to forget the number sees by the later time that it is needed again.
        Returns: False if the credential is not active, by another transaction since it was found; nothing is written.
        """
        shown = (to_epoch_seconds(now - _SEEN_WITHIN), to_epoch_seconds(now), listed_by)
        if serial is None:
            return bool(self._statements.write(_TOUCH_CREDENTIAL, (*shown, credential_id)))
        kept = (serial.sealed, to_epoch_seconds(serial.due_at))
        return bool(self._statements.write(_KEEP_SERIAL, (*shown, *kept, credential_id)))

    def find_or_insert_subject(self, account_id: str, sector: str, candidate_sub: str, now: datetime) -> str:
        """The sector's ``sub`` for the account; ``candidate_sub`` if there was none. Never two for one pair.

        One read where there is one already; else the insertion, whose conflict answers the other caller's value.
        """
        known = self.find_subject(account_id, sector)
        if known is not None:
            return known
        row = (account_id, sector, candidate_sub, to_epoch_seconds(now))
        return str(self._statements.write(_INSERT_SUBJECT, row)[0][0])

    def revoke_credential(self, credential_id: str, now: datetime) -> None:
        """End the credential, its browser sessions, grants and tokens, and tell the clients."""
        self._statements.write(_REVOKE_CREDENTIAL, (to_epoch_seconds(now), credential_id))
        end_sign_ins(self._statements, "credential_id", (credential_id,), now)

    def set_account_state(self, account_id: str, state: str, now: datetime) -> bool:
        """Suspend or resume; False if there is no such account.

        Raises: ValueError: not a state of an account.
        """
        row = (AccountState(state).value, to_epoch_seconds(now), account_id)
        return bool(self._statements.write(_SET_STATE, row))

    def end_account_sessions(self, account_id: str, now: datetime) -> int:
        """End every browser session, grant and token of the account; how many sessions and grants ended."""
        seconds = to_epoch_seconds(now)
        ended = end_sign_ins(self._statements, "account_id", (account_id,), now)
        return sum(1 for session in ended.sessions if session.expires_at > seconds) + len(ended.grant_account_ids)


@cache
def _find_credential_sql(digest_count: int) -> str:
    condition = " OR ".join(["(credentials.lookup_key_id = ? AND credentials.lookup_digest = ?)"] * digest_count)
    return f"""
SELECT credentials.credential_id, credentials.account_id, credentials.lookup_key_id, credentials.lookup_digest,
       credentials.profile, credentials.kind, credentials.valid_until, credentials.state, accounts.state,
       (SELECT MAX(announced_until) FROM attachments WHERE attachments.account_id = credentials.account_id)
FROM credentials JOIN accounts ON accounts.account_id = credentials.account_id
WHERE {condition}
ORDER BY credentials.first_seen_at, credentials.credential_id
LIMIT 1
"""
