"""What leaves: the claims asked for, agreed to and true, for userinfo and for the ID token; and why the rest does not.

Decided once, when the grant is made; afterwards neither the request nor the person's attributes are needed again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from idp.assurance.claim_value import find_claim_value, is_accepted
from idp.assurance.claims_policy import SupportedClaim
from idp.assurance.constraint import Constraint
from idp.assurance.evaluation import Omission, Omitted, evaluate_verified_claims
from idp.assurance.ports import CertificateReference, CertificateReferences, QuestionCounter
from idp.assurance.verified_claims_request import WantedVerifiedClaims
from idp.evidence import Evidence
from idp.oidc.claims_consent import SERIAL_ITEM, VERIFICATION_ITEM
from idp.oidc.claims_request import VERIFIED_CLAIMS
from idp.oidc.claims_wanted import PLACES, SIGN_IN_CLAIMS, TXN, ClaimsAsked, Place

# What a developer is told where the reason is the person's affair: the same for a refusal, an unmet value, a gap.
LEFT_OUT: Final = "left_out"


@dataclass(frozen=True, slots=True)
class GrantClaims:
    """What one grant is to release.

    ``agreed`` are the keys of the items that the person agreed to, as frozen into what was signed; ``txn`` names the
    sign-in. ``requested_at`` is when the authorization request came: ages are counted up to it.
    """

    asked: ClaimsAsked
    agreed: frozenset[str]
    account_id: str
    txn: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class ReleasedClaims:
    """What a grant releases, as JSON members; personal data, therefore in no repr.

    ``names`` are those of the claims released anywhere, with the item of a serial number where one was; ``omitted`` is
    what was asked for and left out with the reason: both without values, for audit and log. ``told_of_omitted`` says of
    the reasons only those that hold for anybody: it is for the client's developer. ``by_scope`` are the userinfo claims
    that only scopes asked for.
    """

    userinfo: dict[str, Any] = field(repr=False)
    id_token: dict[str, Any] = field(repr=False)
    names: tuple[str, ...]
    omitted: tuple[tuple[str, str], ...]
    by_scope: dict[str, tuple[str, ...]]
    told_of_omitted: tuple[tuple[str, str], ...] = ()

    def for_userinfo(self, scope: tuple[str, ...]) -> dict[str, Any]:
        """The userinfo members for an access token, whose scope may be narrower than the grant's (RFC 6749 §6)."""
        return {
            name: value
            for name, value in self.userinfo.items()
            if name not in self.by_scope or not set(self.by_scope[name]).isdisjoint(scope)
        }

    def to_json(self) -> dict[str, Any]:
        """What is stored with the grant; what was left out is not kept."""
        return {
            "userinfo": self.userinfo,
            "id_token": self.id_token,
            "names": list(self.names),
            "by_scope": {name: list(scopes) for name, scopes in self.by_scope.items()},
        }


def released_claims_from_json(stored: Mapping[str, Any]) -> ReleasedClaims:
    """The inverse of ``to_json``, for our own store's contents."""
    by_scope = {name: tuple(scopes) for name, scopes in stored["by_scope"].items()}
    return ReleasedClaims(stored["userinfo"], stored["id_token"], tuple(stored["names"]), (), by_scope)


def evaluate_release(
    grant: GrantClaims,
    evidence: tuple[Evidence, ...],
    *,
    now: datetime,
    questions: QuestionCounter | None = None,
    certificates: CertificateReferences | None = None,
) -> ReleasedClaims:
    """Decide what leaves under a grant.

    Takes:  evidence, that of this very sign-in and this very person; questions, without which no question is answered;
            certificates, without which no serial number leaves.
    Effect: each question answered is counted.
    Source: OIDC Core §5.3.2, §5.5; OIDC4IDA §5.4 to §5.7: a value not met, a refusal and what is not there are all
            left out alike, and no error says which it was.
    """
    release = _Release(grant, evidence, now, questions, certificates)
    answers: dict[Place, dict[str, Any]] = {
        place: release.plain_claims(place) | release.verified_claims(place) for place in PLACES
    }
    told = {name for answer in answers.values() for name in _names(answer)}
    return ReleasedClaims(
        answers["userinfo"],
        answers["id_token"],
        tuple(sorted(told)),
        tuple(release.omitted),
        release.by_scope,
        tuple(release.told_of_omitted),
    )


class _Release:
    """One evaluation: what it knows, and what it has left out so far."""

    def __init__(
        self,
        grant: GrantClaims,
        evidence: tuple[Evidence, ...],
        now: datetime,
        questions: QuestionCounter | None,
        certificates: CertificateReferences | None,
    ) -> None:
        self._grant = grant
        self._asked = grant.asked
        signed = next((e for e in evidence if e.kind == "digital-signature" and e.attributes is not None), None)
        self._attributes = None if signed is None else signed.attributes
        # What is said of how the attributes were verified is said of the certificate that they stand in.
        self._evidence = tuple(e for e in evidence if e.kind == "user-authentication" or e is signed)
        self._now = now
        self._questions = questions
        self._counted: dict[str, bool] = {}
        self._certificates = self._find_certificates(certificates)
        self.omitted: list[tuple[str, str]] = []
        self.told_of_omitted: list[tuple[str, str]] = []
        self.by_scope: dict[str, tuple[str, ...]] = {}

    def plain_claims(self, place: Place) -> dict[str, Any]:
        released: dict[str, Any] = {}
        for wanted in self._asked.plain(place):
            name = wanted.claim.name
            value = self._judge(wanted.claim, wanted.constraint)
            if isinstance(value, Omission):
                self._omit(f"{place}.{name}", value)
                continue
            released[name] = value
            if wanted.scopes:
                self.by_scope[name] = wanted.scopes
        self._note_unknown(place, [name for name, _ in self._asked.wanted(place).claims])
        constraint = dict(self._asked.wanted(place).claims).get(TXN)
        if constraint is not None and constraint.accepts(self._grant.txn, requested_at=self._grant.requested_at):
            released[TXN] = self._grant.txn
        return released

    def verified_claims(self, place: Place) -> dict[str, Any]:
        answers = []
        for wanted_at, index, wanted in self._asked.verified():
            if wanted_at != place:
                continue
            where = f"{place}.{VERIFIED_CLAIMS}[{index}]"
            answer = self._verified(wanted, where)
            if isinstance(answer, Omitted):
                self._omit(
                    f"{where}.verification.{answer.member}" if answer.member else where,
                    answer.reason,
                    is_of_the_request=answer.is_of_the_request,
                )
            else:
                answers.append(answer)
        if not answers:
            return {}
        return {VERIFIED_CLAIMS: answers if self._asked.wanted(place).is_array else answers[0]}

    def _verified(self, wanted: WantedVerifiedClaims, where: str) -> dict[str, Any] | Omitted:
        needed = self._asked.needed_kind(wanted, self._grant.requested_at)
        if isinstance(needed, Omitted) and needed.reason is not Omission.NO_CLAIM_LEFT:
            # No card could have met it, so nobody was asked, and the person is not the reason.
            return replace(needed, is_of_the_request=True)
        claims: dict[str, Any] = {}
        for name, constraint in wanted.claims or ():
            claim = self._asked.find_claim(name)
            value = claim if isinstance(claim, Omission) else self._judge(claim, constraint)
            if isinstance(value, Omission):
                self._omit(f"{where}.claims.{'?' if claim is Omission.UNSUPPORTED else name}", value)
            else:
                claims[name] = value
        if wanted.claims is None and VERIFICATION_ITEM not in self._grant.agreed:
            return Omitted(Omission.NOT_CONSENTED)
        return evaluate_verified_claims(
            wanted,
            claims,
            self._evidence,
            self._asked.policy,
            certificates=self._certificates,
            requested_at=self._grant.requested_at,
        )

    def _judge(self, claim: SupportedClaim, constraint: Constraint) -> Any:
        if claim.consent_key not in self._grant.agreed:
            return Omission.NOT_CONSENTED
        attributes = self._attributes
        if attributes is None:
            return Omission.NO_EVIDENCE
        value = find_claim_value(claim, attributes, self._now)
        if value is None:
            return Omission.NOT_AVAILABLE
        if claim.predicate is not None and not self._may_answer(claim):
            return Omission.QUESTION_LIMIT
        if not is_accepted(constraint, claim, value, attributes, self._grant.requested_at):
            return Omission.VALUE_NOT_MET
        return value

    def _may_answer(self, claim: SupportedClaim) -> bool:
        predicate = claim.predicate
        if predicate is None or self._questions is None:
            return False
        if predicate.name not in self._counted:
            self._counted[predicate.name] = self._questions.count_question(
                self._grant.account_id,
                self._asked.client.sector,
                predicate.kind,
                predicate.name,
                self._asked.policy.questions_a_year,
                self._now,
            )
        return self._counted[predicate.name]

    def _find_certificates(self, references: CertificateReferences | None) -> dict[str, CertificateReference]:
        if references is None or not self._asked.client.is_lawful_verifier or SERIAL_ITEM not in self._grant.agreed:
            return {}
        found = {e.evidence_id: references.find_certificate_reference(e.evidence_id) for e in self._evidence}
        return {evidence_id: reference for evidence_id, reference in found.items() if reference is not None}

    def _note_unknown(self, place: Place, names: list[str]) -> None:
        for name in names:
            reason = self._asked.find_claim(name)
            if isinstance(reason, Omission) and name not in SIGN_IN_CLAIMS:
                # A name that we do not know may be anything, and does not belong into a log.
                self._omit(f"{place}.{'?' if reason is Omission.UNSUPPORTED else name}", reason)

    def _omit(self, where: str, reason: Omission, *, is_of_the_request: bool = False) -> None:
        self.omitted.append((where, reason.value))
        told = reason.value if is_of_the_request or reason.is_of_the_request else LEFT_OUT
        self.told_of_omitted.append((where, told))


def _names(answer: Mapping[str, Any]) -> Iterator[str]:
    for name, value in answer.items():
        yield name
        if name == VERIFIED_CLAIMS:
            for verified in value if isinstance(value, list) else [value]:
                yield from verified["claims"]
                if any("serial_number" in each for each in verified["verification"].get("evidence", ())):
                    yield SERIAL_ITEM
