"""The installation's rule about status: its sources in order, failing closed."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from idp.identifiers import Randomness, new_identifier
from idp.jpki.errors import CardRejected, CardUnverifiable, Rejection, Unverifiable
from idp.jpki.named_certificate import NamedCertificate
from idp.jpki.ports import RevocationSource, Status, StatusState
from idp.jpki.status_check import CheckOutcome, RecordStatusCheck, StatusCheck


def _record_nothing(check: StatusCheck) -> None:
    """Where nobody audits."""


class RevocationPolicy:
    """A ``RevocationCheck`` and a source itself: the first source that knows decides; else nobody gets in.

    Takes: sources in order of preference; maximum_age_seconds, how old an answer may be, None for the source's word;
           record, which is told of every question, also of those that a later source had to answer.
    """

    def __init__(
        self,
        sources: Sequence[RevocationSource],
        *,
        maximum_age_seconds: int | None = None,
        record: RecordStatusCheck = _record_nothing,
        randomness: Randomness = secrets.token_bytes,
    ) -> None:
        self._sources = tuple(sources)
        self._maximum_age = None if maximum_age_seconds is None else timedelta(seconds=maximum_age_seconds)
        self._record = record
        self._randomness = randomness

    def check_good(self, certificate: NamedCertificate, now: datetime) -> Status:
        """Establish that a source calls the certificate good.

        Raises:  CardRejected: revoked, on_hold. CardUnverifiable, as ``find_status``.
        """
        status = self.find_status(certificate, now)
        if status.state is StatusState.REVOKED:
            raise CardRejected(Rejection.REVOKED, f"by {status.source}, check {status.check_id}")
        if status.state is StatusState.ON_HOLD:
            raise CardRejected(Rejection.ON_HOLD, f"by {status.source}, check {status.check_id}")
        return status

    def find_status(self, certificate: NamedCertificate, now: datetime) -> Status:
        """What the first source that knows says.

        Revoked by any source that was asked is final: no later one is asked, and its age does not matter. On hold
        counts too, but an old answer about it is as little worth as an old good one.

        Returns: good, revoked or on hold.
        Raises:  CardUnverifiable: status_stale where any source had an old answer, which tells the operator more than
                 that others were silent; else status_unavailable. ``is_unknown`` where any source does not know it.
        Source:  RFC 6960 §2.2: unknown is not revoked, and not good either.
        """
        refusals: list[CardUnverifiable] = []
        for source in self._sources:
            try:
                return self._ask(source, certificate, now)
            except CardUnverifiable as refusal:
                refusals.append(refusal)
        if not refusals:
            raise CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, "no status source is configured")
        # min() keeps the order of the sources among equals.
        told = min(refusals, key=lambda refusal: refusal.reason is not Unverifiable.STATUS_STALE)
        told.is_unknown = any(refusal.is_unknown for refusal in refusals)
        raise told

    def _ask(self, source: RevocationSource, certificate: NamedCertificate, now: datetime) -> Status:
        try:
            status = source.find_status(certificate, now)
        except CardUnverifiable as refusal:
            stale = refusal.reason is Unverifiable.STATUS_STALE
            outcome: CheckOutcome = "status_stale" if stale else "status_unavailable"
            self._record(StatusCheck(new_identifier(self._randomness), _name_of(source), outcome, None, now))
            raise
        outcome = self._judge(status, now)
        self._record(StatusCheck(status.check_id, status.source, outcome, status.this_update, now))
        if outcome == "unknown":
            unknown = CardUnverifiable(
                Unverifiable.STATUS_UNAVAILABLE, f"{status.source} does not know the certificate"
            )
            unknown.is_unknown = True
            raise unknown
        if outcome == "status_stale":
            raise CardUnverifiable(Unverifiable.STATUS_STALE, f"{status.source} answered with an old status")
        return status

    def _judge(self, status: Status, now: datetime) -> CheckOutcome:
        if status.state is StatusState.REVOKED:
            return "revoked"
        if status.state is StatusState.UNKNOWN:
            return "unknown"
        if self._maximum_age is not None and now - status.this_update > self._maximum_age:
            return "status_stale"
        return "on_hold" if status.state is StatusState.ON_HOLD else "good"


def _name_of(source: RevocationSource) -> str:
    return type(source).__name__.removesuffix("Revocation").lower()


class NoRevocation:
    """A ``RevocationCheck`` for a sandbox without status source; certificates of real authorities do not pass it."""

    def check_good(self, certificate: NamedCertificate, now: datetime) -> None:
        """Establish only that the certificate is a sandbox's; the authentication then carries no status time.

        Raises: CardUnverifiable: status_unavailable.
        """
        if not certificate.anchor.sandbox:
            raise CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, "a status source is required outside a sandbox")
