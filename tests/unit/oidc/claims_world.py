"""One client, one person, one policy: asking for claims and seeing what leaves."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from idp.assurance.claims_policy import ClaimsPolicy
from idp.assurance.ports import CertificateReference
from idp.assurance.predicate import PredicateKind
from idp.evidence import Evidence
from idp.oidc.claims_consent import ConsentItem, consent_items
from idp.oidc.claims_release import GrantClaims, ReleasedClaims, evaluate_release
from idp.oidc.claims_request import accept_claims_parameter
from idp.oidc.claims_wanted import ClaimsAsked
from idp.oidc.client import Client
from tests.specs.oidc4ida.schemas import check_answer
from tests.unit.assurance.samples import EVIDENCE, NOW, REQUESTED_AT, make_policy
from tests.unit.oidc.samples import make_client

ALL = ("openid", "name", "birthdate", "address", "gender")
OPEN = {"trust_framework": None}
TXN = "b1c0b6de-9a5e-4a0e-8a56-0a9d7e7ad001"


class MemoryQuestions:
    """The counter port: different questions of a kind about one person in one sector."""

    def __init__(self) -> None:
        self.asked: dict[tuple[str, str, str], set[str]] = {}

    def count_question(
        self, account_id: str, sector: str, kind: PredicateKind, name: str, limit: int, now: datetime
    ) -> bool:
        known = self.asked.setdefault((account_id, sector, kind), set())
        if name not in known and len(known) >= limit:
            return False
        known.add(name)
        return True


class MemoryCertificates:
    def find_certificate_reference(self, evidence_id: str) -> CertificateReference | None:
        if evidence_id != "ev-sign":
            return None
        return CertificateReference("OU=JPKI for digital signature,O=JPKI,C=JP", "1a2b3c4d")


@dataclass
class ClaimsWorld:
    """Everything agreed to unless said otherwise; every answer is held against the schema."""

    claims: dict[str, Any] | None = None
    scope: tuple[str, ...] = ("openid",)
    policy: ClaimsPolicy = field(default_factory=make_policy)
    client: Client = field(default_factory=lambda: make_client(scope=ALL))
    evidence: tuple[Evidence, ...] = EVIDENCE
    questions: MemoryQuestions | None = field(default_factory=MemoryQuestions)
    now: datetime = NOW

    def asked(self) -> ClaimsAsked:
        request = None
        if self.claims is not None:
            request = accept_claims_parameter(json.dumps(self.claims), self.policy)
        return ClaimsAsked(self.scope, request, self.client, self.policy)

    def items(self) -> tuple[ConsentItem, ...]:
        return consent_items(self.asked(), REQUESTED_AT)

    def keys(self) -> list[str]:
        return [item.key for item in self.items()]

    def release(self, agreed: Iterable[str] | None = None) -> ReleasedClaims:
        chosen = frozenset(self.keys() if agreed is None else agreed)
        grant = GrantClaims(self.asked(), chosen, "account-1", TXN, REQUESTED_AT)
        released = evaluate_release(
            grant, self.evidence, now=self.now, questions=self.questions, certificates=MemoryCertificates()
        )
        check_answer(released.userinfo)
        check_answer(released.id_token)
        return released

    def but(self, **changed: Any) -> "ClaimsWorld":
        return replace(self, **changed)


def wanting(claims: dict[str, Any] | None, verification: dict[str, Any] | None = None) -> dict[str, Any]:
    """A claims parameter for verified claims at userinfo."""
    return {"userinfo": {"verified_claims": {"verification": verification or OPEN, "claims": claims}}}
