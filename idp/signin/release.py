"""What a sign-in releases about the person: what is asked, what must be shown for it, what was decided at the grant."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from idp.card_login.kept_proof import KeptProof
from idp.card_login.sealed_attributes import unseal_attributes
from idp.card_login.sealed_proof import unseal_proof
from idp.client_journal import ClientNote
from idp.evidence import Evidence
from idp.identifiers import new_identifier
from idp.keys.sealing import Sealer
from idp.log import log_line
from idp.oidc.authorization_request import AuthorizationRequest
from idp.oidc.claims_consent import VERIFICATION_ITEM, ConsentItem, consent_items, needed_evidence
from idp.oidc.claims_release import (
    GrantClaims,
    ReleasedClaims,
    evaluate_release,
    released_claims_from_json,
)
from idp.oidc.claims_wanted import ClaimsAsked
from idp.oidc.client import Client
from idp.signin.certificate_reference import KeptCertificate
from idp.signin.parts import SigninParts
from idp.signin.ports import SealedClaimsReader, SigninWriter
from idp.signin.record import Authenticated, Signin

Omissions = tuple[tuple[str, str], ...]

_PURPOSE: Final = "released-claims"


def find_asked(parts: SigninParts, request: AuthorizationRequest, client: Client) -> ClaimsAsked | None:
    """What the request asks about the person; None where nothing about a person can be released."""
    if parts.claims_policy is None:
        return None
    return ClaimsAsked(request.scope, request.claims, client, parts.claims_policy)


def find_items(parts: SigninParts, signin: Signin, client: Client) -> tuple[ConsentItem, ...]:
    """The items that the person chooses from, before the card that they are released with."""
    asked = find_asked(parts, signin.request, client)
    return () if asked is None else consent_items(asked, signin.issued_at)


def needs_fresh_card(parts: SigninParts, request: AuthorizationRequest, client: Client, now: datetime) -> bool:
    """Whether a card must be shown in this very sign-in: what is said of a person rests on it, not on a session."""
    asked = find_asked(parts, request, client)
    return asked is not None and bool(needed_evidence(asked, now))


def needs_signature(agreed: tuple[str, ...]) -> bool:
    """Whether what the person agreed to stands in the digital signature certificate; nothing more is asked for."""
    return any(key != VERIFICATION_ITEM for key in agreed)


def release_claims(
    parts: SigninParts,
    writer: SigninWriter,
    signin: Signin,
    client: Client,
    who: Authenticated,
    evidence: tuple[Evidence, ...],
    kept: KeptProof | None,
    now: datetime,
) -> ReleasedClaims | None:
    """Decide what leaves, inside the transaction of the grant.

    Takes:   evidence and kept, what ``find_evidence`` and ``find_kept_proof`` gave for this sign-in.
    Returns: None where nothing was asked or agreed.
    Effect:  questions answered are counted; what is left out is logged, by name and reason, without values; also where
             nothing was agreed, so that the journal of a client that was refused reads like one that got nothing.
    Source:  OIDC4IDA §5.4 to §5.7.
    """
    asked = find_asked(parts, signin.request, client)
    if asked is None:
        return None
    grant = GrantClaims(asked, frozenset(signin.agreed or ()), who.account_id, signin.txn, signin.issued_at)
    certificates = None if kept is None else KeptCertificate(evidence, kept)
    released = evaluate_release(grant, evidence, now=now, questions=writer, certificates=certificates)
    _tell_omitted(parts, signin, released.omitted, released.told_of_omitted, now)
    return released if signin.agreed and (released.userinfo or released.id_token) else None


def _tell_omitted(parts: SigninParts, signin: Signin, omitted: Omissions, told: Omissions, now: datetime) -> None:
    client_id = signin.request.client_id
    for where, reason in omitted:
        log_line("claim_omitted", txn=signin.txn, client_id=client_id, where=where, reason=reason)
    for where, reason in told:
        parts.journal.note(ClientNote(client_id, now, f"claims: {where}", reason, reference=signin.txn))


def find_evidence(parts: SigninParts, signin: Signin) -> tuple[Evidence, ...]:
    """The evidence of this very sign-in's cards in order of showing, each under a new id; empty where nothing leaves.

    Raises: Unsealable: the attributes are those of another sign-in.
    """
    if not signin.agreed:
        return ()
    cards = [card for card in (signin.identified, signin.proven) if card is not None]
    opened = [unseal_attributes(parts.sealer, signin.txn, card) for card in cards]
    return tuple(card.to_evidence(new_identifier()) for card in opened)


def find_kept_proof(parts: SigninParts, signin: Signin, client: Client) -> KeptProof | None:
    """The proof of this very sign-in's signature; None for every client but a lawful verifier.

    Raises: Unsealable: the proof is that of another sign-in, or of another transaction.
    """
    if signin.proven is None or not signin.agreed or not client.is_lawful_verifier:
        return None
    return unseal_proof(parts.sealer, signin.txn, signin.proven, signin.opening.transaction)


def seal_released_claims(sealer: Sealer, grant_id: str, released: ReleasedClaims) -> str:
    """The claims as they are stored: nobody reads them without the key, nor under another grant."""
    plain = json.dumps(released.to_json(), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return sealer.seal(_PURPOSE, grant_id.encode("ascii"), plain)


@dataclass(frozen=True, slots=True)
class ReleasedClaimsVault:
    """What grants release, opened for the moment in which a client is told it."""

    store: SealedClaimsReader
    sealer: Sealer

    def find_released_claims(self, grant_id: str) -> ReleasedClaims | None:
        """The claims of a live grant; None if it has none.

        Raises: Unsealable: the record was altered or belongs to another grant.
        """
        sealed = self.store.find_sealed_claims(grant_id)
        if sealed is None:
            return None
        return released_claims_from_json(json.loads(self.sealer.unseal(_PURPOSE, grant_id.encode("ascii"), sealed)))
