"""Which part of a kept proof is told to whom: never more than the person agreed to, whatever the client is entitled to.

The certificate holds all four attributes and the signature leads to the certificate (two signatures of one key give the
key away). So each is told only where the person agreed to what it says; the operator keeps and can verify it anyway.
"""

from typing import Any, Final

from idp.assurance.claims_policy import BASE_CLAIMS
from idp.oidc.claims_consent import SERIAL_ITEM
from idp.signin.evidence_record import EvidenceRecord, EvidenceValues

SIGNATURE_ITEMS: Final = frozenset({SERIAL_ITEM})
CERTIFICATE_ITEMS: Final = frozenset({SERIAL_ITEM, *BASE_CLAIMS})
# What an auditor will look for and not find, said in the answer itself.
_NOTHING_KEPT: Final = ("certificate", "signature")
_NEVER_KEPT: Final = ("user_authentication_certificate", "user_authentication_signature")


def describe_proof(
    record: EvidenceRecord, values: EvidenceValues | None, *, for_operator: bool = False
) -> dict[str, Any]:
    """The members about the proof of a record.

    Takes:   values, what is kept sealed, None where it is not told.
    Returns: ``not_kept``; with values also ``withheld``, what is kept and the person did not agree to give, and
             ``proof``, the rest of it.
    Source:  card presenter protocol §3.3; decision 0013.
    """
    if values is None:
        return {"not_kept": list(_NOTHING_KEPT if record.sealed is None else _NEVER_KEPT)}
    if values.proof is None:
        return {"not_kept": list(_NOTHING_KEPT), "withheld": []}
    agreed = CERTIFICATE_ITEMS if for_operator else frozenset(record.consent_items)
    told = values.proof.to_members() | {"verification_process": _signing_evidence_id(record)}
    members: dict[str, Any] = {"not_kept": list(_NEVER_KEPT), "withheld": []}
    if not agreed.issuperset(CERTIFICATE_ITEMS):
        members["withheld"].append("certificate")
        del told["certificate"]
    if not agreed.issuperset(SIGNATURE_ITEMS):
        members["withheld"].append("signature")
        return members
    return members | {"proof": told}


def _signing_evidence_id(record: EvidenceRecord) -> str | None:
    return next((each.evidence_id for each in record.certificates if each.kind == "digital-signature"), None)
