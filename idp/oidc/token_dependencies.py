"""What the token endpoint is made of."""

import secrets
from dataclasses import dataclass

from idp.client_journal import ClientJournal
from idp.identifiers import Randomness
from idp.oidc.claims_ports import ReleasedClaimsReader
from idp.oidc.dpop import ProofPolicy
from idp.oidc.ports import (
    ClientStore,
    GrantStore,
    IdTokenSigner,
    OnceStore,
    OwnTokenVerifier,
)
from idp.oidc.status_time import StatusTimes


@dataclass(frozen=True, slots=True)
class TokenDependencies:
    """What the token endpoint is made of.

    ``endpoint_url`` is its own address, for client assertions; ``status_max_age_seconds`` how old the known status of a
    certificate may be for ``acr`` to imply it, None where any may; ``statuses`` knows of newer ones;
    ``journal`` is what the developers of clients read.
    """

    issuer: str
    endpoint_url: str
    clients: ClientStore
    grants: GrantStore
    once: OnceStore
    signer: IdTokenSigner
    access_token_seconds: int
    id_token_seconds: int
    refresh_token_seconds: int
    refresh_grace_seconds: int
    is_sandbox: bool
    proofs: ProofPolicy
    journal: ClientJournal
    status_max_age_seconds: int | None = None
    randomness: Randomness = secrets.token_bytes
    own_tokens: OwnTokenVerifier | None = None
    released: ReleasedClaimsReader | None = None
    statuses: StatusTimes | None = None
