"""Sender-constrained tokens: bound to a key when they are issued, good only for its holder when they are used.

Implements RFC 8705 §3 and §4, RFC 9449 §5 and §7, RFC 9700 §2.2.1; FAPI 2.0 §5.3.2.1 (4, 5) for clients of the profile.
"""

from dataclasses import dataclass
from datetime import datetime

from idp.oidc.client import Client
from idp.oidc.client_certificate import CertificateRefused, PresentedCertificate, certificate_thumbprint
from idp.oidc.client_profile import is_fapi
from idp.oidc.confirmation import Confirmation
from idp.oidc.dpop import PresentedProof, ProofPolicy, missing_proof, verify_proof
from idp.oidc.errors import ErrorCode, OAuthError


@dataclass(frozen=True, slots=True)
class Sender:
    """What a request carries to show who sent it; nothing of it is checked."""

    proof: PresentedProof | None
    proofs: ProofPolicy
    certificate: PresentedCertificate | None = None

    def prove_key(self, now: datetime, access_token: str | None = None, bound_to: str | None = None) -> str | None:
        """The thumbprint of the key whose holder sent the request; None without a proof.

        Raises: OAuthError as ``verify_proof``.
        """
        if self.proof is None:
            return None
        return verify_proof(self.proof, self.proofs, now, access_token=access_token, bound_to=bound_to)

    def prove_certificate(self) -> str | None:
        """The thumbprint of the certificate of the connection; None without one.

        Raises: OAuthError invalid_request: the proxy tells of something that is no certificate.
        """
        if self.certificate is None:
            return None
        try:
            return certificate_thumbprint(self.certificate)
        except CertificateRefused as refusal:
            description = "The client certificate cannot be read."
            raise OAuthError(ErrorCode.INVALID_REQUEST, description, detail=f"certificate: {refusal}") from refusal


def confirm_sender(client: Client, sender: Sender, now: datetime) -> Confirmation | None:
    """Establish which key the tokens of a token request are to be bound to.

    Returns: None for bearer tokens.
    Raises:  OAuthError as ``verify_proof``; invalid_dpop_proof, invalid_request: this client has to send a proof, or
             come with a certificate, and did not.
    Source:  RFC 9449 §5, §5.2; RFC 8705 §3, §3.4; RFC 9700 §2.2.1; FAPI 2.0 §5.3.2.1 (4).
    """
    options = client.options
    x5t_s256 = sender.prove_certificate() if options.tls_client_certificate_bound_access_tokens else None
    if options.tls_client_certificate_bound_access_tokens and x5t_s256 is None:
        raise OAuthError(
            ErrorCode.INVALID_REQUEST, "A client certificate is required.", detail="no client certificate to bind to"
        )
    jkt = sender.prove_key(now)
    if jkt is None and (options.dpop_bound_access_tokens or (is_fapi(client) and x5t_s256 is None)):
        raise missing_proof()
    return None if jkt is None and x5t_s256 is None else Confirmation(jkt, x5t_s256)


def is_kept_at_refresh(client: Client) -> bool:
    """Whether a client's refresh tokens stay the same when they are used.

    Who steals one has no use for it: it is bound to a key, or to a client that proves itself at every use. Rotating it
    would only end the sign-ins of honest clients that lose an answer.
    Source: RFC 9700 §2.2.2; OAuth 2.1 §4.3.1; FAPI 2.0 §5.3.2.1 (9).
    """
    options = client.options
    if is_fapi(client):
        return not client.is_public
    return options.dpop_bound_access_tokens or options.tls_client_certificate_bound_access_tokens
