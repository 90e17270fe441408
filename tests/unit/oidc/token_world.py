"""A token endpoint with clients, one issued code and the means to ask."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from idp.client_journal import ClientJournal
from idp.identifiers import hash_secret
from idp.oidc.access_token import verify_access_token
from idp.oidc.authorization_code import issue_code
from idp.oidc.client import Client
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.token_dependencies import TokenDependencies
from idp.oidc.token_endpoint import answer_token_request
from tests.unit.oidc.memory_stores import MemoryClients, MemoryGrants, MemoryOnce
from tests.unit.oidc.samples import (
    CODE_VERIFIER,
    ISSUER,
    NOW,
    REDIRECT_URI,
    TOKEN_ENDPOINT,
    RealSigner,
    basic,
    encode,
    make_client,
    make_grant,
    proof_policy,
)

ACCESS_TOKEN_SECONDS = 300
REFRESH_TOKEN_SECONDS = 1000
GRACE_SECONDS = 20
OFFLINE = ("openid", "offline_access")


class TokenWorld:
    def __init__(self, client: Client | None = None, **grant_members: Any) -> None:
        self.client = client or make_client()
        self.other = make_client(client_id="other")
        self.grants = MemoryGrants()
        self.once = MemoryOnce()
        self.signer = RealSigner()
        self.journal = ClientJournal()
        self.dependencies = TokenDependencies(
            issuer=ISSUER,
            endpoint_url=TOKEN_ENDPOINT,
            clients=MemoryClients(self.client, self.other),
            grants=self.grants,
            once=self.once,
            signer=self.signer,
            access_token_seconds=ACCESS_TOKEN_SECONDS,
            id_token_seconds=600,
            refresh_token_seconds=REFRESH_TOKEN_SECONDS,
            refresh_grace_seconds=GRACE_SECONDS,
            is_sandbox=False,
            proofs=proof_policy(self.once),
            journal=self.journal,
            own_tokens=self.signer,
        )
        self.grant = make_grant(client_id=self.client.client_id, **grant_members)
        with self.grants.writing() as writer:
            self.code = issue_code(self.grant, writer, now=NOW, lifetime_seconds=60)

    def in_sandbox(self) -> "TokenWorld":
        self.dependencies = replace(self.dependencies, is_sandbox=True)
        return self

    def give_keys(self, *keys: dict[str, Any]) -> None:
        """Let the client have these public keys from now on."""
        self.client = replace(self.client, jwks={"keys": list(keys)})
        self.dependencies = replace(self.dependencies, clients=MemoryClients(self.client, self.other))

    def ask(
        self, header: str | None = "", *, now: datetime = NOW, proof: str | None = None, **members: str | None
    ) -> dict[str, Any]:
        chosen = basic(self.client.client_id) if header == "" else header
        return answer_token_request(encode(**members), chosen, self.dependencies, now, proof)

    def redeem(
        self, header: str | None = "", *, seconds: int = 0, proof: str | None = None, **changed: str | None
    ) -> dict[str, Any]:
        members: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": self.code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": CODE_VERIFIER,
        }
        return self.ask(header, now=NOW + timedelta(seconds=seconds), proof=proof, **{**members, **changed})

    def refresh(
        self,
        token: str,
        *,
        seconds: int = 0,
        header: str | None = "",
        proof: str | None = None,
        **changed: str | None,
    ) -> dict[str, Any]:
        members: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": token}
        return self.ask(header, now=NOW + timedelta(seconds=seconds), proof=proof, **{**members, **changed})

    def is_live(self, access_token: str, *, seconds: int = 0) -> bool:
        try:
            verify_access_token(access_token, self.grants, NOW + timedelta(seconds=seconds))
        except OAuthError as error:
            assert error.code is ErrorCode.INVALID_TOKEN
            return False
        return True

    def is_stored_in_plain(self, secret: str) -> bool:
        return secret in repr(self.grants.state)

    def has_stored(self, secret: str) -> bool:
        state = self.grants.state
        return hash_secret(secret) in {**state.codes, **state.access_tokens, **state.refresh_tokens}


def refusal_of(call: Callable[[], object]) -> OAuthError:
    """The refusal that a call ends with."""
    with pytest.raises(OAuthError) as refused:
        call()
    return refused.value
