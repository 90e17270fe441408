"""Trust frameworks: under whose rules something is said about a person, and what must have happened for that."""

from dataclasses import dataclass
from typing import Final, Literal

from idp.evidence import Evidence, EvidenceKind

LegalFramework = Literal["jp_aml", "jp_mpiupa"]
_STATUS_METHODS: Final = frozenset({"crl", "ocsp", "operator"})


@dataclass(frozen=True, slots=True)
class TrustFramework:
    """One framework.

    ``kinds`` are the certificates that satisfy it; ``policy`` is the legal basis as the operator states it, empty for
    a framework of the provider's own.
    Source: OIDC IDA schema §5.4.2 (trust_framework, assurance_process/policy).
    """

    name: str
    kinds: frozenset[EvidenceKind]
    is_status_required: bool
    policy: str = ""

    def is_satisfied_by(self, evidence: Evidence) -> bool:
        """Whether what happened suffices for this framework."""
        return evidence.kind in self.kinds and (not self.is_status_required or is_status_known(evidence))


def is_status_known(evidence: Evidence) -> bool:
    """Whether the certificate was looked up as not revoked."""
    return any(check.method in _STATUS_METHODS for check in evidence.checks)


def sandbox_frameworks(issuer: str) -> tuple[TrustFramework, ...]:
    """What a sandbox may say: that a test card was shown."""
    both: frozenset[EvidenceKind] = frozenset({"user-authentication", "digital-signature"})
    return (TrustFramework(f"{issuer}/tf/sandbox-v1", both, is_status_required=False),)


def production_frameworks(issuer: str, legal_bases: dict[LegalFramework, str]) -> tuple[TrustFramework, ...]:
    """The provider's own framework first, then those the operator has a legal basis for.

    Takes:  legal_bases, framework to the basis as it will stand in ``assurance_process.policy``.
    Raises: ValueError: a basis is empty.
    """
    both: frozenset[EvidenceKind] = frozenset({"user-authentication", "digital-signature"})
    signing: frozenset[EvidenceKind] = frozenset({"digital-signature"})
    if not all(basis.strip() for basis in legal_bases.values()):
        raise ValueError("a legal framework needs its basis")
    own = TrustFramework(f"{issuer}/tf/jpki-v1", both, is_status_required=True)
    # Only the signing certificate identifies (犯収法施行規則 6条1項1号, 公的個人認証の署名用電子証明書による方法).
    legal = [TrustFramework(name, signing, True, basis) for name, basis in sorted(legal_bases.items())]
    return (own, *legal)
