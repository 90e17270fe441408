"""The port for signing keys in memory."""

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from idp.audit import AuditRecord
from idp.keys.ports import StoredSigningKey, Succession


class MemorySigningKeys:
    """Signing keys at rest; ``reads`` counts how often they were asked for."""

    def __init__(self) -> None:
        self.keys: list[StoredSigningKey] = []
        self.audit: list[AuditRecord] = []
        self.reads = 0

    def find_signing_keys(self, now: datetime) -> tuple[StoredSigningKey, ...]:
        self.reads += 1
        live = (
            key
            for key in self.keys
            if key.published_until is None or key.published_until > now or key.revoked_at is not None
        )
        return tuple(sorted(live, key=lambda key: key.created_at))

    def rotate_signing_key(
        self, new_key: StoredSigningKey, retire_at: datetime, published_until: datetime, audit: AuditRecord
    ) -> None:
        for index, key in enumerate(self.keys):
            if key.alg == new_key.alg and (key.signs_until is None or key.signs_until > retire_at):
                self.keys[index] = dataclasses.replace(key, signs_until=retire_at, published_until=published_until)
        self.keys.append(new_key)
        self.audit.append(audit)

    def succeed_signing_key(
        self,
        present_kid: str,
        new_key: StoredSigningKey,
        retire_at: datetime,
        published_until: datetime,
        audit: AuditRecord,
    ) -> bool:
        if not any(key.kid == present_kid and key.signs_until is None for key in self.keys):
            return False
        self.rotate_signing_key(new_key, retire_at, published_until, audit)
        return True

    def erase_private_key(self, kid: str, encrypted_public_jwk: bytes, now: datetime, audit: AuditRecord) -> bool:
        for index, key in enumerate(self.keys):
            if key.kid == kid and key.erased_at is None:
                self.keys[index] = dataclasses.replace(key, encrypted_private_jwk=encrypted_public_jwk, erased_at=now)
                self.audit.append(audit)
                return True
        return False

    def revoke_signing_keys(
        self, kids: Sequence[str], succession: Succession, now: datetime, audits: Sequence[AuditRecord]
    ) -> None:
        for index, key in enumerate(self.keys):
            if key.kid in kids:
                ended = now if key.signs_until is None else min(now, key.signs_until)
                self.keys[index] = dataclasses.replace(
                    key,
                    encrypted_private_jwk=b"",
                    signs_until=ended,
                    published_until=now,
                    erased_at=key.erased_at or now,
                    revoked_at=now,
                )
            elif key.kid == succession.activated_kid:
                self.keys[index] = dataclasses.replace(key, signs_from=now)
        if succession.new_key is not None:
            self.keys.append(succession.new_key)
        self.audit.extend(audits)
