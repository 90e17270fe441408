"""The port for signing keys in memory."""

import dataclasses
from datetime import datetime

from idp.audit import AuditRecord
from idp.keys.ports import StoredSigningKey


class MemorySigningKeys:
    """Signing keys at rest; ``reads`` counts how often they were asked for."""

    def __init__(self) -> None:
        self.keys: list[StoredSigningKey] = []
        self.audit: list[AuditRecord] = []
        self.reads = 0

    def find_signing_keys(self, now: datetime) -> tuple[StoredSigningKey, ...]:
        self.reads += 1
        live = (key for key in self.keys if key.published_until is None or key.published_until > now)
        return tuple(sorted(live, key=lambda key: key.created_at))

    def rotate_signing_key(
        self, new_key: StoredSigningKey, retire_at: datetime, published_until: datetime, audit: AuditRecord
    ) -> None:
        for index, key in enumerate(self.keys):
            if key.alg == new_key.alg and (key.signs_until is None or key.signs_until > retire_at):
                self.keys[index] = dataclasses.replace(key, signs_until=retire_at, published_until=published_until)
        self.keys.append(new_key)
        self.audit.append(audit)
