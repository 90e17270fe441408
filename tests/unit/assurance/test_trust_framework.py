"""Under whose rules something is said, and when it may be."""

import pytest

from idp.assurance.trust_framework import production_frameworks, sandbox_frameworks
from tests.unit.assurance.samples import ISSUER, OWN, digital_signature, user_authentication


def test_a_legal_framework_is_there_by_the_operators_basis_only() -> None:
    assert [framework.name for framework in production_frameworks(ISSUER, {})] == [OWN]
    both = production_frameworks(ISSUER, {"jp_mpiupa": "rule 3", "jp_aml": "rule 6"})
    assert [(framework.name, framework.policy) for framework in both[1:]] == [
        ("jp_aml", "rule 6"),
        ("jp_mpiupa", "rule 3"),
    ]
    with pytest.raises(ValueError, match="basis"):
        production_frameworks(ISSUER, {"jp_aml": " "})


def test_a_legal_framework_takes_a_looked_up_signing_certificate_and_nothing_less() -> None:
    _, legal = production_frameworks(ISSUER, {"jp_aml": "rule 6"})
    assert all(legal.is_satisfied_by(digital_signature(status=status)) for status in ("crl", "ocsp", "operator"))
    assert not legal.is_satisfied_by(digital_signature(status="none"))
    assert not legal.is_satisfied_by(user_authentication())


def test_the_own_framework_needs_a_status_and_the_sandboxs_does_not() -> None:
    (own,) = production_frameworks(ISSUER, {})
    (sandbox,) = sandbox_frameworks(ISSUER)
    assert own.is_satisfied_by(user_authentication())
    assert not own.is_satisfied_by(user_authentication("none"))
    assert sandbox.is_satisfied_by(user_authentication("none"))
    assert sandbox.name == f"{ISSUER}/tf/sandbox-v1"
