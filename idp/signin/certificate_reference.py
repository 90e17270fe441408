"""The one exception to the seam's rule: issuer and serial number of a signing certificate, for a lawful verifier.

Nothing else of a certificate reaches the protocol half; who may be told it is decided there (decision 0013).
"""

from dataclasses import dataclass

from idp.assurance.ports import CertificateReference
from idp.card_login.kept_proof import KeptProof, name_certificate
from idp.evidence import Evidence


@dataclass(frozen=True, slots=True)
class KeptCertificate:
    """The certificate behind one sign-in's signature; ``CertificateReferences`` for the release of claims."""

    evidence: tuple[Evidence, ...]
    proof: KeptProof

    def find_certificate_reference(self, evidence_id: str) -> CertificateReference | None:
        """The signing card's certificate; None for a user authentication, and for a phone.

        Omitted: a phone's certificate: its profile and the rules about its serial number are not published.
        """
        for shown in self.evidence:
            if (
                shown.evidence_id == evidence_id
                and shown.kind == self.proof.purpose
                and shown.credential_kind == "card"
            ):
                return CertificateReference(*name_certificate(self.proof))
        return None
