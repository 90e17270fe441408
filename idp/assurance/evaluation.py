"""One wanted ``verified_claims`` object against one person's evidence: the object, or why there is none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from idp.assurance.claims_policy import ClaimsPolicy
from idp.assurance.constraint import canonical_json, parse_constraint
from idp.assurance.ports import CertificateReference
from idp.assurance.projection import Unmet, project_verification
from idp.assurance.trust_framework import TrustFramework
from idp.assurance.verification import describe_verification
from idp.assurance.verified_claims_request import WantedVerifiedClaims
from idp.evidence import Evidence, EvidenceKind


class Omission(StrEnum):
    """Why something that was asked for is left out; for the log alone, a client sees no difference in an answer."""

    UNSUPPORTED = "unsupported"
    NOT_REGISTERED = "not_registered"
    NOT_CONSENTED = "not_consented"
    NO_EVIDENCE = "no_evidence"
    NOT_AVAILABLE = "not_available"
    VALUE_NOT_MET = "value_not_met"
    QUESTION_LIMIT = "question_limit"
    TRUST_FRAMEWORK_NOT_MET = "trust_framework_not_met"
    VERIFICATION_NOT_MET = "verification_not_met"
    NO_CLAIM_LEFT = "no_claim_left"

    @property
    def is_of_the_request(self) -> bool:
        """Whether the request itself is the reason, whoever answers it; all others say something about the person."""
        return self in (Omission.UNSUPPORTED, Omission.NOT_REGISTERED)


@dataclass(frozen=True, slots=True)
class Omitted:
    """Nothing is said, and why; ``member`` is the one of ``verification`` whose demand was not met, where it is one.

    ``is_of_the_request`` says that no card could have met it.
    """

    reason: Omission
    member: str = ""
    is_of_the_request: bool = False


def evaluate_verified_claims(
    wanted: WantedVerifiedClaims,
    claims: dict[str, Any],
    evidence: tuple[Evidence, ...],
    policy: ClaimsPolicy,
    *,
    certificates: Mapping[str, CertificateReference],
    requested_at: datetime,
) -> dict[str, Any] | Omitted:
    """Put together one ``verified_claims`` object that meets the request.

    Takes:   claims, those of ``wanted.claims`` that may be released, with their values; certificates, by evidence id,
             only for a client entitled to them and a person who agreed.
    Returns: ``{"verification", "claims"}``; frameworks are tried in the client's order, else in the operator's.
    Source:  OIDC4IDA §5.4 to §5.7; §5.7.5: where claims were wanted and none is left, the object goes too.
    Omitted: ``assurance_level``: none of the frameworks has levels.
    """
    if wanted.claims is not None and not claims:
        return Omitted(Omission.NO_CLAIM_LEFT)
    candidates = list(_candidates(wanted, evidence, policy))
    if not candidates:
        return Omitted(Omission.TRUST_FRAMEWORK_NOT_MET if evidence else Omission.NO_EVIDENCE)
    unmet = ""
    for framework, shown in candidates:
        certificate = certificates.get(shown.evidence_id)
        verification = describe_verification(policy.issuer, framework, shown, certificate, claims)
        try:
            projected = project_verification(wanted.verification, verification, requested_at)
        except Unmet as error:
            unmet = error.where
            continue
        return {"verification": projected, "claims": claims}
    return Omitted(Omission.VERIFICATION_NOT_MET, unmet)


def _candidates(
    wanted: WantedVerifiedClaims, evidence: tuple[Evidence, ...], policy: ClaimsPolicy
) -> Iterator[tuple[TrustFramework, Evidence]]:
    # Attributes come from the signing certificate only; where none is wanted, the least that suffices comes first.
    order: tuple[EvidenceKind, ...] = ("user-authentication", "digital-signature")
    kinds = order if wanted.claims is None else order[1:]
    for framework in _frameworks(wanted, policy):
        for kind in kinds:
            for shown in evidence:
                if shown.kind == kind and framework.is_satisfied_by(shown):
                    yield framework, shown


def _frameworks(wanted: WantedVerifiedClaims, policy: ClaimsPolicy) -> list[TrustFramework]:
    accepted = parse_constraint(wanted.verification["trust_framework"], "trust_framework").accepted
    if accepted is None:
        return list(policy.frameworks)
    by_text = {canonical_json(framework.name): framework for framework in policy.frameworks}
    return [by_text[text] for text in accepted if text in by_text]
