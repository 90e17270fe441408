"""What of identity assurance is announced; made of the same table that decides on release."""

from typing import Any

from idp.assurance.claims_policy import ClaimsPolicy, predefined_transformed_claims, supported_claims
from idp.assurance.predicate import FUNCTIONS, MAXIMUM_FUNCTIONS
from idp.assurance.verification import CHECK_METHODS, SIGNATURE_EVIDENCE, SIGNING_METHOD, document_type

# One threshold and one area: whoever may ask several at once finds out the value behind them.
MAXIMUM_TRANSFORMED_CLAIMS = 2


def identity_assurance_metadata(policy: ClaimsPolicy) -> dict[str, Any]:
    """The members that OIDC4IDA and Advanced Syntax for Claims add to the discovery document.

    Source: OIDC4IDA §8; Advanced Syntax for Claims (draft 01), OP Metadata.
    """
    metadata: dict[str, Any] = {
        "trust_frameworks_supported": [framework.name for framework in policy.frameworks],
        "claims_in_verified_claims_supported": sorted(supported_claims(policy)),
        "evidence_supported": ["document", SIGNATURE_EVIDENCE],
        "documents_supported": [document_type(policy.issuer, kind) for kind in ("card", "phone")],
        "documents_check_methods_supported": sorted({SIGNING_METHOD, *CHECK_METHODS.values()}),
    }
    if predefined := predefined_transformed_claims(policy):
        metadata["transformed_claims_functions_supported"] = list(FUNCTIONS)
        metadata["transformed_claims_predefined"] = predefined
        metadata["transformed_claims_max_depth"] = MAXIMUM_FUNCTIONS
        metadata["transformed_claims_max_count"] = MAXIMUM_TRANSFORMED_CLAIMS
    return metadata
