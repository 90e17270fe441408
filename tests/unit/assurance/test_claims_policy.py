"""The one table of what can be said."""

import pytest

from idp.assurance.claims_policy import BASE_CLAIMS, ClaimsPolicy, supported_claims
from idp.assurance.evaluation import Omission, Omitted
from idp.assurance.feasibility import find_needed_kind
from idp.assurance.metadata import identity_assurance_metadata
from idp.assurance.predicate import Area
from idp.assurance.verified_claims_request import parse_verified_claims
from idp.evidence import EvidenceKind
from tests.unit.assurance.samples import ISSUER, REQUESTED_AT, TOKYO, make_policy, make_sandbox_policy


def test_the_table_holds_attributes_their_substitutes_and_questions_under_two_names() -> None:
    table = supported_claims(make_policy(age_thresholds=(20,), areas=(TOKYO,)))
    assert set(table) == {
        *BASE_CLAIMS,
        f"{ISSUER}/claims/name_substitutions",
        f"{ISSUER}/claims/address_substitutions",
        "::age_20_or_over",
        ":age_20_or_over",
        "::lives_in_13",
        ":lives_in_13",
    }
    assert all(claim.name == name for name, claim in table.items())


@pytest.mark.parametrize(
    "changed",
    [
        {"frameworks": ()},
        {"age_thresholds": (0,)},
        {"age_thresholds": (20, 130)},
        {"areas": (TOKYO, Area("13", "東京都千代田区"))},
    ],
)
def test_a_policy_that_makes_no_sense_cannot_be_set(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"framework|threshold|area"):
        make_policy(**changed)


def test_metadata_without_questions_names_no_functions() -> None:
    metadata = identity_assurance_metadata(make_policy(age_thresholds=(), areas=()))
    assert not [name for name in metadata if name.startswith("transformed_claims")]


def test_the_weakest_certificate_is_enough() -> None:
    (wanted,) = parse_verified_claims({"verification": {"trust_framework": None}, "claims": None}, "vc")

    def needed(policy: ClaimsPolicy) -> EvidenceKind | Omitted:
        return find_needed_kind(wanted, policy, REQUESTED_AT, releasable=frozenset(), is_serial_offered=False)

    assert needed(make_policy()) == "user-authentication"
    assert needed(make_policy(has_status_source=False)) == Omitted(Omission.TRUST_FRAMEWORK_NOT_MET)
    assert needed(make_sandbox_policy()) == "user-authentication"
