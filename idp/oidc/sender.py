"""Sender-constrained tokens: bound to a key when they are issued, good only for its holder when they are used.

Implements RFC 9449 §5 and §7, RFC 9700 §2.2.1; FAPI 2.0 §5.3.2.1 (4, 5) for the clients registered so.
"""

from dataclasses import dataclass
from datetime import datetime

from idp.oidc.client import Client
from idp.oidc.confirmation import Confirmation
from idp.oidc.dpop import PresentedProof, ProofPolicy, missing_proof, verify_proof


@dataclass(frozen=True, slots=True)
class Sender:
    """What a request carries to show who sent it; nothing of it is checked."""

    proof: PresentedProof | None
    proofs: ProofPolicy

    def prove_key(self, now: datetime, access_token: str | None = None) -> str | None:
        """The thumbprint of the key whose holder sent the request; None without a proof.

        Raises: OAuthError as ``verify_proof``.
        """
        if self.proof is None:
            return None
        return verify_proof(self.proof, self.proofs, now, access_token=access_token)


def must_be_bound(client: Client) -> bool:
    """Whether this client gets no bearer token."""
    return client.options.dpop_bound_access_tokens or client.options.profile == "fapi2"


def confirm_sender(client: Client, sender: Sender, now: datetime) -> Confirmation | None:
    """Establish which key the tokens of a token request are to be bound to.

    Returns: None for bearer tokens.
    Raises:  OAuthError as ``verify_proof``; invalid_dpop_proof: this client has to send a proof and did not.
    Source:  RFC 9449 §5, §5.2; RFC 9700 §2.2.1.
    """
    jkt = sender.prove_key(now)
    if jkt is not None:
        return Confirmation(jkt=jkt)
    if must_be_bound(client):
        raise missing_proof()
    return None


def is_kept_at_refresh(client: Client) -> bool:
    """Whether a client's refresh tokens stay the same when they are used.

    Who steals one has no use for it: it is bound to a key, or to a client that proves itself at every use. Rotating it
    would only end the sign-ins of honest clients that lose an answer.
    Source: RFC 9700 §2.2.2; OAuth 2.1 §4.3.1; FAPI 2.0 §5.3.2.1 (9).
    """
    if client.options.profile == "fapi2":
        return not client.is_public
    return client.options.dpop_bound_access_tokens
