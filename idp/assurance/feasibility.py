"""Which certificate a wanted ``verified_claims`` object needs, told before anybody has shown a card."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from idp.assurance.claims_policy import ClaimsPolicy
from idp.assurance.constraint import parse_constraint
from idp.assurance.evaluation import Omission, Omitted, evaluate_verified_claims
from idp.assurance.ports import CertificateReference
from idp.assurance.verification import SIGNATURE_EVIDENCE
from idp.assurance.verified_claims_request import WantedVerifiedClaims
from idp.evidence import Check, CredentialKind, Evidence, EvidenceKind

_KINDS: Final[tuple[EvidenceKind, ...]] = ("user-authentication", "digital-signature")
# The card last: if nothing can be, the reason told is the one that holds for it.
_CREDENTIALS: Final[tuple[CredentialKind, ...]] = ("phone", "card")


def find_needed_kind(
    wanted: WantedVerifiedClaims,
    policy: ClaimsPolicy,
    requested_at: datetime,
    *,
    releasable: frozenset[str],
    is_serial_offered: bool,
) -> EvidenceKind | Omitted:
    """The weakest certificate with which the request could be met, or why no card can meet it.

    Takes:   releasable, the names that this client could be told, whatever their values turn out to be;
             is_serial_offered, whether this client may have the certificate's serial number.
    Returns: by evaluating the request against cards as they would be shown now, so that this never disagrees with what
             is released later.
    """
    names = [name for name, _ in wanted.claims or () if name in releasable]
    claims: dict[str, Any] = dict.fromkeys(names, "")
    answer: dict[str, Any] | Omitted = Omitted(Omission.NO_EVIDENCE)
    for kind in _KINDS:
        for credential_kind in _CREDENTIALS:
            shown = _imagine(kind, credential_kind, policy, requested_at)
            # As the release has it: what stands in the certificate of a phone is not published.
            is_named = is_serial_offered and kind == "digital-signature" and credential_kind == "card"
            for references in _imagine_certificates(wanted, shown) if is_named else ({},):
                answer = evaluate_verified_claims(
                    wanted, claims, (shown,), policy, certificates=references, requested_at=requested_at
                )
                if not isinstance(answer, Omitted):
                    return kind
    assert isinstance(answer, Omitted)
    return answer


def _imagine(
    kind: EvidenceKind, credential_kind: CredentialKind, policy: ClaimsPolicy, requested_at: datetime
) -> Evidence:
    methods = ("signature", "crl") if policy.has_status_source else ("signature", "none")
    checks = tuple(Check("", method, requested_at) for method in methods)
    return Evidence("", kind, credential_kind, requested_at, "", checks)


def _imagine_certificates(wanted: WantedVerifiedClaims, shown: Evidence) -> list[dict[str, CertificateReference]]:
    # One for each entry that asks for a signature, as it demands it: whose card will come, nobody knows yet.
    entries = [each for each in wanted.verification.get("evidence", ()) if each["type"]["value"] == SIGNATURE_EVIDENCE]
    return [
        {shown.evidence_id: CertificateReference(_demanded(each, "issuer"), _demanded(each, "serial_number"))}
        for each in entries
    ] or [{}]


def _demanded(entry: Mapping[str, Any], member: str) -> str:
    accepted = parse_constraint(entry.get(member), member).accepted
    return "" if accepted is None else str(json.loads(accepted[0]))
