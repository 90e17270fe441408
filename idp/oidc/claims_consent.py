"""What a person is asked before anything leaves: item by item, from the request alone, whoever the person is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from idp.assurance.claims_policy import BASE_CLAIMS, SupportedClaim
from idp.assurance.evaluation import Omitted
from idp.assurance.predicate import Predicate
from idp.assurance.verification import SIGNATURE_EVIDENCE
from idp.assurance.verified_claims_request import WantedVerifiedClaims
from idp.evidence import EvidenceKind
from idp.oidc.claims_wanted import PLACES, ClaimsAsked

# That a valid card was shown, with times and check ids; its own item only where nothing else of it is asked.
VERIFICATION_ITEM: Final = "verification"
# Issuer and serial number of the signing certificate and the signature that leads to it, for lawful verifiers.
SERIAL_ITEM: Final = "certificate_serial"


@dataclass(frozen=True, slots=True)
class ConsentItem:
    """One thing that would leave.

    ``key`` is ASCII and says the exact question where there is one (``age_20_or_over``); it is what the person's choice
    is recorded and signed as. ``is_essential`` says that the client calls it so; the person may refuse it all the same.
    """

    key: str
    is_essential: bool
    predicate: Predicate | None = None


def consent_items(asked: ClaimsAsked, requested_at: datetime) -> tuple[ConsentItem, ...]:
    """The items that this request would release, each once.

    Returns: attributes first, then questions, then what is said of the verification; nothing that no card could give.
    Source:  OIDC Core §3.1.2.4; Advanced Syntax for Claims (draft 01), UX (a question is agreed to as such).
    """
    essential: dict[str, bool] = {}
    questions: dict[str, Predicate] = {}
    for claim, is_essential in _claims(asked, requested_at):
        essential[claim.consent_key] = essential.get(claim.consent_key, False) or is_essential
        if claim.predicate is not None:
            questions[claim.consent_key] = claim.predicate
    for _, _, wanted in asked.verified():
        if wanted.claims is None and _is_possible(asked, wanted, requested_at):
            essential.setdefault(VERIFICATION_ITEM, False)
        if _is_serial_wanted(asked, wanted) and _is_possible(asked, wanted, requested_at):
            essential.setdefault(SERIAL_ITEM, False)
    last = (VERIFICATION_ITEM, SERIAL_ITEM)
    order = [*BASE_CLAIMS, *sorted(questions), *last]
    return tuple(ConsentItem(key, essential[key], questions.get(key)) for key in order if key in essential)


def needed_evidence(asked: ClaimsAsked, requested_at: datetime) -> frozenset[EvidenceKind]:
    """The certificates that must be shown in this very sign-in for what is asked; empty where no claim needs one.

    Returns: with ``digital-signature`` always ``user-authentication`` too, because a signature alone opens nothing.
    Source:  card presenter protocol (a digital-signature proof counts only beside a user authentication).
    """
    kinds = {asked.needed_kind(wanted, requested_at) for _, _, wanted in asked.verified()}
    if "digital-signature" in kinds or any(asked.plain(place) for place in PLACES):
        return frozenset({"user-authentication", "digital-signature"})
    return frozenset({"user-authentication"} if "user-authentication" in kinds else ())


def choose_items(items: tuple[ConsentItem, ...], ticked: Iterable[str]) -> tuple[str, ...]:
    """The person's choice in the form in which it is frozen into the transaction and the statement.

    Takes:   ticked, the keys that came back from the page.
    Returns: keys in the order of the items.
    Raises:  ValueError: a key that was not on the page.
    """
    chosen = frozenset(ticked)
    if not chosen.issubset(item.key for item in items):
        raise ValueError("an item was ticked that was not offered")
    return tuple(item.key for item in items if item.key in chosen)


def _claims(asked: ClaimsAsked, requested_at: datetime) -> Iterable[tuple[SupportedClaim, bool]]:
    for place in PLACES:
        for plain in asked.plain(place):
            yield plain.claim, plain.constraint.is_essential
    for _, _, wanted in asked.verified():
        if wanted.claims is None or not _is_possible(asked, wanted, requested_at):
            continue
        for name, constraint in wanted.claims:
            claim = asked.find_claim(name)
            if isinstance(claim, SupportedClaim):
                yield claim, constraint.is_essential


def _is_possible(asked: ClaimsAsked, wanted: WantedVerifiedClaims, requested_at: datetime) -> bool:
    return not isinstance(asked.needed_kind(wanted, requested_at), Omitted)


def _is_serial_wanted(asked: ClaimsAsked, wanted: WantedVerifiedClaims) -> bool:
    if not asked.client.is_lawful_verifier:
        return False
    return any(entry["type"]["value"] == SIGNATURE_EVIDENCE for entry in wanted.verification.get("evidence", ()))
