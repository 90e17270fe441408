"""Self-registration with everything in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from idp.identifiers import hash_secret, new_identifier
from idp.oidc.client import Client
from idp.oidc.dynamic_registration import (
    answer_read_request,
    answer_registration_request,
    answer_removal_request,
    answer_update_request,
)
from idp.oidc.registration_dependencies import RegistrationDependencies, RegistrationPolicy
from idp.oidc.registration_ports import NO_LIMITS, Invitation, RegistrationLimits, SelfRegistration
from idp.oidc.sector_document import NOBODY_VOUCHES
from tests.unit.oidc.samples import ISSUER, NOW, ec_key

STATEMENT_ISSUER = "https://trust.example"
METADATA: Mapping[str, Any] = {"client_name": "市民サービス", "redirect_uris": ["https://rp.example/cb"]}
POLICY = RegistrationPolicy(
    is_open=True,
    scopes=("openid", "offline_access"),
    open_limit=3,
    open_lifetime=timedelta(days=30),
    statement_issuers={STATEMENT_ISSUER: {"keys": [ec_key("trust").as_dict(private=False)]}},
    is_statement_required=False,
)


@dataclass
class MemoryRegistrations:
    """The store's port."""

    by_id: dict[str, SelfRegistration] = field(default_factory=dict)
    invitations: dict[bytes, tuple[Invitation, int]] = field(default_factory=dict)

    def find_invitation(self, token_hash: bytes, now: datetime) -> Invitation | None:
        found = self.invitations.get(token_hash)
        return found[0] if found and found[1] > 0 else None

    def insert_registration(self, registration: SelfRegistration, most_open: int, now: datetime) -> bool:
        invitation = registration.invitation
        if invitation is None:
            if sum(each.invitation is None for each in self.by_id.values()) >= most_open:
                return False
        else:
            token_hash = next(each for each, kept in self.invitations.items() if kept[0] == invitation)
            uses_left = self.invitations[token_hash][1]
            if uses_left == 0:
                return False
            self.invitations[token_hash] = (invitation, uses_left - 1)
        self.by_id[registration.client.client_id] = registration
        return True

    def find_registration(self, client_id: str, token_hash: bytes, now: datetime) -> SelfRegistration | None:
        found = self.by_id.get(client_id)
        return found if found and found.token_hash == token_hash else None

    def replace_registration(
        self, former: Client, client: Client, software_statement: str | None, now: datetime
    ) -> bool:
        found = self.by_id[client.client_id]
        if found.client.fingerprint != former.fingerprint:
            return False
        self.by_id[client.client_id] = replace(found, client=client, software_statement=software_statement)
        return True

    def delete_client(self, client_id: str, now: datetime) -> bool:
        return self.by_id.pop(client_id, None) is not None


class World:
    """One provider's registration endpoints and whoever calls them."""

    def __init__(self, *, is_sandbox: bool = False, **policy: Any) -> None:
        self.store = MemoryRegistrations()
        self.dependencies = RegistrationDependencies(
            issuer=ISSUER,
            is_sandbox=is_sandbox,
            policy=replace(POLICY, **policy),
            store=self.store,
            sectors=NOBODY_VOUCHES,
            claims_policy=None,
        )

    def invite(self, uses: int = 1, limits: RegistrationLimits = NO_LIMITS) -> str:
        token = new_identifier()
        self.store.invitations[hash_secret(token)] = (Invitation(new_identifier(), limits), uses)
        return token

    def register(self, metadata: Mapping[str, Any] | bytes = METADATA, token: str | None = None) -> dict[str, Any]:
        body = metadata if isinstance(metadata, bytes) else json.dumps(metadata).encode()
        return answer_registration_request(body, bearer(token), self.dependencies, NOW)

    def read(self, client_id: str, token: str | None) -> dict[str, Any]:
        return answer_read_request(client_id, bearer(token), self.dependencies, NOW)

    def update(self, client_id: str, token: str | None, metadata: Mapping[str, Any]) -> dict[str, Any]:
        body = json.dumps(metadata).encode()
        return answer_update_request(client_id, body, bearer(token), self.dependencies, NOW)

    def remove(self, client_id: str, token: str | None) -> None:
        answer_removal_request(client_id, bearer(token), self.dependencies, NOW)


def bearer(token: str | None) -> str | None:
    return None if token is None else f"Bearer {token}"
