"""What each endpoint works with, out of the parts of the installation."""

from collections.abc import Mapping
from datetime import timedelta

from idp.oidc.discovery import INTROSPECTION_PATH, PUSHED_REQUEST_PATH, REVOCATION_PATH, TOKEN_PATH
from idp.oidc.dpop import ProofPolicy
from idp.oidc.dpop_nonce import DPoPNonces
from idp.oidc.introspection import IntrospectionDependencies
from idp.oidc.pushed_request_endpoint import PushedRequestDependencies
from idp.oidc.registration_dependencies import RegistrationDependencies
from idp.oidc.revocation import RevocationDependencies
from idp.oidc.token_dependencies import TokenDependencies
from idp.settings.settings import Settings
from idp.signin.evidence_answer import EvidenceDependencies
from idp.signin.release import ReleasedClaimsVault
from idp.web.application import WebParts
from idp.web.registration_policy import make_registration_policy


def registration_dependencies(parts: WebParts) -> RegistrationDependencies | None:
    """What registration works with; None where no client registers itself."""
    claims_policy = parts.signin.claims_policy
    tries_claims = parts.settings.is_sandbox and claims_policy is not None
    policy = make_registration_policy(parts.settings.registration, tries_claims=tries_claims)
    if policy is None:
        return None
    return RegistrationDependencies(
        issuer=parts.settings.issuer,
        is_sandbox=parts.settings.is_sandbox,
        policy=policy,
        store=parts.registrations,
        sectors=parts.sectors,
        claims_policy=claims_policy,
    )


def token_dependencies(parts: WebParts, proofs: ProofPolicy) -> TokenDependencies:
    """What the token endpoint works with."""
    oidc = parts.settings.oidc
    return TokenDependencies(
        issuer=parts.settings.issuer,
        endpoint_url=parts.settings.issuer + TOKEN_PATH,
        clients=parts.signin.clients,
        grants=parts.signin.store,
        once=parts.transient,
        signer=parts.signer,
        access_token_seconds=oidc.access_token_seconds,
        id_token_seconds=oidc.id_token_seconds,
        refresh_token_seconds=oidc.refresh_token_seconds,
        refresh_grace_seconds=oidc.refresh_grace_seconds,
        status_max_age_seconds=_status_max_age_seconds(parts.settings),
        is_sandbox=parts.settings.is_sandbox,
        own_tokens=parts.signer,
        released=released_claims(parts),
        statuses=parts.signin.statuses,
        proofs=proofs,
        journal=parts.journal,
    )


def proof_policy(parts: WebParts, aliases: Mapping[str, str]) -> ProofPolicy:
    """How DPoP proofs are judged; aliases, addresses under which an endpoint is called besides its own."""
    nonces = DPoPNonces(parts.sealer.derive_key("dpop-nonce"))
    is_nonce_required = parts.settings.oidc.dpop_nonce == "required"
    return ProofPolicy(parts.transient, nonces, is_nonce_required, aliases)


def released_claims(parts: WebParts) -> ReleasedClaimsVault | None:
    """Where released claims are read; None where none are released."""
    return None if parts.signin.claims_policy is None else ReleasedClaimsVault(parts.signin.store, parts.sealer)


def revocation_dependencies(parts: WebParts) -> RevocationDependencies:
    """What the revocation endpoint works with."""
    return RevocationDependencies(
        issuer=parts.settings.issuer,
        endpoint_url=parts.settings.issuer + REVOCATION_PATH,
        clients=parts.signin.clients,
        grants=parts.signin.store,
        once=parts.transient,
        own_tokens=parts.signer,
    )


def pushed_request_dependencies(parts: WebParts) -> PushedRequestDependencies:
    """What the pushed authorization request endpoint works with."""
    settings, signin = parts.settings, parts.signin
    return PushedRequestDependencies(
        issuer=settings.issuer,
        endpoint_url=settings.issuer + PUSHED_REQUEST_PATH,
        clients=signin.clients,
        once=parts.transient,
        sources=signin.requests,
        id_token_hints=signin.id_token_hints,
        claims_policy=signin.claims_policy,
        lifetime=timedelta(seconds=settings.oidc.pushed_request_seconds),
    )


def evidence_dependencies(parts: WebParts) -> EvidenceDependencies:
    """What the evidence endpoint works with."""
    signin = parts.signin
    return EvidenceDependencies(parts.settings.issuer, signin.clients, signin.store, parts.transient, parts.sealer)


def introspection_dependencies(parts: WebParts) -> IntrospectionDependencies:
    """What the introspection endpoint works with."""
    return IntrospectionDependencies(
        issuer=parts.settings.issuer,
        endpoint_url=parts.settings.issuer + INTROSPECTION_PATH,
        clients=parts.signin.clients,
        tokens=parts.signin.store,
        once=parts.transient,
        signer=parts.signer,
        own_tokens=parts.signer,
        status_max_age_seconds=_status_max_age_seconds(parts.settings),
        statuses=parts.signin.statuses,
    )


def _status_max_age_seconds(settings: Settings) -> int | None:
    return settings.jpki.status_max_age_seconds if settings.jpki.revocation else None
