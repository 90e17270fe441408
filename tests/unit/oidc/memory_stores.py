"""In-memory implementations of the protocol half's ports; a transaction that raises leaves no trace."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from idp.audit import AuditEvent, AuditRecord
from idp.oidc.authorization_details import AuthorizationDetails
from idp.oidc.browser_session import BrowserSession
from idp.oidc.client import Client
from idp.oidc.confirmation import Confirmation
from idp.oidc.grant import Grant, LiveAccessToken, SpentCode, StoredRefreshToken


class MemoryClients:
    def __init__(self, *clients: Client) -> None:
        self.by_id = {client.client_id: client for client in clients}

    def find_client(self, client_id: str) -> Client | None:
        return self.by_id.get(client_id)

    def find_keys(self, client: Client, kid: str | None = None) -> Mapping[str, Any]:
        return client.jwks or {"keys": []}

    def find_keys_at_hand(self, client: Client, kid: str | None = None) -> Mapping[str, Any] | None:
        return self.find_keys(client, kid)


class MemoryOnce:
    def __init__(self) -> None:
        self.seen: dict[tuple[str, str], datetime] = {}

    def insert_once(self, kind: str, key: str, expires_at: datetime) -> bool:
        assert len(key) <= 128
        if (kind, key) in self.seen:
            return False
        self.seen[kind, key] = expires_at
        return True


@dataclass(frozen=True)
class KeptValue:
    value: bytes


class MemoryPushed:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[bytes, datetime]] = {}

    def insert(self, kind: str, key: str, value: bytes, expires_at: datetime, now: datetime) -> bool:
        assert len(key) <= 128
        return self.kept.setdefault((kind, key), (value, expires_at)) == (value, expires_at)

    def take(self, kind: str, key: str, now: datetime) -> KeptValue | None:
        value, expires_at = self.kept.pop((kind, key), (b"", now))
        return KeptValue(value) if expires_at > now else None


_AccessToken = tuple[str, tuple[str, ...], datetime, Confirmation | None, tuple[str, ...], AuthorizationDetails | None]


@dataclass
class _State:
    grants: dict[str, Grant] = field(default_factory=dict)
    revoked: frozenset[str] = frozenset()
    # hash -> (grant_id, expires_at, is_spent)
    codes: dict[bytes, tuple[str, datetime, bool]] = field(default_factory=dict)
    # hash -> (grant_id, scope, expires_at, confirmation, audience, authorization_details)
    access_tokens: dict[bytes, _AccessToken] = field(default_factory=dict)
    refresh_tokens: dict[bytes, StoredRefreshToken] = field(default_factory=dict)
    audit: tuple[AuditRecord, ...] = ()

    def copy(self) -> "_State":
        return replace(
            self,
            grants=dict(self.grants),
            codes=dict(self.codes),
            access_tokens=dict(self.access_tokens),
            refresh_tokens=dict(self.refresh_tokens),
        )


class MemoryGrantWriter:
    def __init__(self, state: _State) -> None:
        self.state = state

    def append_audit(self, record: AuditRecord) -> None:
        self.state.audit += (record,)

    def insert_grant(self, grant: Grant, code_hash: bytes, code_expires_at: datetime) -> None:
        self.state.grants[grant.grant_id] = grant
        self.state.codes[code_hash] = (grant.grant_id, code_expires_at, False)

    def replace_code(self, txn: str, code_hash: bytes, code_expires_at: datetime, granted_before: datetime) -> bool:
        for old_hash, (grant_id, _, is_spent) in list(self.state.codes.items()):
            grant = self.state.grants[grant_id]
            is_due = grant.created_at <= granted_before or old_hash == code_hash
            if grant.txn == txn and not is_spent and is_due:
                del self.state.codes[old_hash]
                self.state.codes[code_hash] = (grant_id, code_expires_at, False)
                return True
        return False

    def spend_code(self, code_hash: bytes, client_id: str, now: datetime) -> SpentCode | None:
        grant_id, expires_at, is_spent = self.state.codes.get(code_hash, ("", now, True))
        if is_spent or expires_at <= now or grant_id in self.state.revoked:
            return None
        if self.state.grants[grant_id].client_id != client_id:
            return None
        self.state.codes[code_hash] = (grant_id, expires_at, True)
        grant = self.state.grants[grant_id]
        spent = {grant_id for grant_id, _, is_spent in self.state.codes.values() if is_spent}
        redeemed = [self.state.grants[former] for former in spent - self.state.revoked - {grant_id}]
        former = [each for each in redeemed if each.client_id == client_id]
        return SpentCode(
            grant,
            grant.code_challenge is not None and any(each.code_challenge == grant.code_challenge for each in former),
            grant.nonce is not None and any(each.nonce == grant.nonce for each in former),
        )

    def find_spent_code_grant(self, code_hash: bytes, client_id: str) -> Grant | None:
        grant_id, _, is_spent = self.state.codes.get(code_hash, ("", None, False))
        if not is_spent or self.state.grants[grant_id].client_id != client_id:
            return None
        return self.state.grants[grant_id]

    def revoke_grant(self, grant_id: str, now: datetime) -> bool:
        if grant_id in self.state.revoked:
            return False
        self.state.revoked |= {grant_id}
        return True

    def insert_access_token(
        self,
        token_hash: bytes,
        grant_id: str,
        scope: tuple[str, ...],
        now: datetime,
        expires_at: datetime,
        confirmation: Confirmation | None = None,
        audience: tuple[str, ...] = (),
        authorization_details: AuthorizationDetails | None = None,
    ) -> None:
        details = authorization_details or self.state.grants[grant_id].authorization_details
        self.state.access_tokens[token_hash] = (grant_id, scope, expires_at, confirmation, audience, details)

    def insert_refresh_token(
        self,
        token_hash: bytes,
        grant_id: str,
        scope: tuple[str, ...],
        now: datetime,
        expires_at: datetime,
        confirmation: Confirmation | None = None,
    ) -> None:
        grant = self.state.grants[grant_id]
        self.state.refresh_tokens[token_hash] = StoredRefreshToken(
            grant, scope, now, expires_at, None, 0, True, confirmation
        )

    def spend_refresh_token(self, token_hash: bytes, client_id: str, now: datetime) -> StoredRefreshToken | None:
        stored = self.find_refresh_token(token_hash, client_id)
        if stored is None or stored.spent_at or stored.expires_at <= now or not stored.is_grant_live:
            return None
        self.state.refresh_tokens[token_hash] = replace(stored, spent_at=now)
        return self.state.refresh_tokens[token_hash]

    def extend_refresh_token(self, token_hash: bytes, now: datetime, expires_at: datetime) -> bool:
        stored = self.state.refresh_tokens.get(token_hash)
        if stored is None or stored.spent_at or stored.expires_at <= now:
            return False
        self.state.refresh_tokens[token_hash] = replace(stored, expires_at=expires_at)
        return True

    def find_refresh_token(self, token_hash: bytes, client_id: str) -> StoredRefreshToken | None:
        stored = self.state.refresh_tokens.get(token_hash)
        if stored is None or stored.grant.client_id != client_id:
            return None
        return replace(stored, is_grant_live=stored.grant.grant_id not in self.state.revoked)

    def count_refresh_grace_use(self, token_hash: bytes, limit: int) -> bool:
        stored = self.state.refresh_tokens[token_hash]
        if stored.grace_uses >= limit:
            return False
        self.state.refresh_tokens[token_hash] = replace(stored, grace_uses=stored.grace_uses + 1)
        return True

    def retire_refresh_tokens(self, grant_id: str, now: datetime) -> None:
        for token_hash, stored in self.state.refresh_tokens.items():
            if stored.grant.grant_id == grant_id and stored.spent_at is None:
                self.state.refresh_tokens[token_hash] = replace(stored, spent_at=now)

    def find_access_token_grant(self, token_hash: bytes, client_id: str) -> Grant | None:
        stored = self.state.access_tokens.get(token_hash)
        if stored is None or self.state.grants[stored[0]].client_id != client_id:
            return None
        return self.state.grants[stored[0]]

    def delete_access_token(self, token_hash: bytes) -> None:
        self.state.access_tokens.pop(token_hash, None)


class MemoryGrants:
    def __init__(self) -> None:
        self.state = _State()

    @contextmanager
    def writing(self) -> Iterator[MemoryGrantWriter]:
        before = self.state.copy()
        try:
            yield MemoryGrantWriter(self.state)
        except BaseException:
            self.state = before
            raise

    def find_access_token(self, token_hash: bytes, now: datetime) -> LiveAccessToken | None:
        stored = self.state.access_tokens.get(token_hash)
        if stored is None or stored[2] <= now or stored[0] in self.state.revoked:
            return None
        return LiveAccessToken(self.state.grants[stored[0]], *stored[1:])

    def find_browser_session(self, session_hash: bytes, now: datetime) -> BrowserSession | None:
        return None

    def find_consent(self, account_id: str, client_id: str, now: datetime) -> frozenset[str] | None:
        return None

    @property
    def audited(self) -> list[AuditEvent]:
        return [record.event for record in self.state.audit]
