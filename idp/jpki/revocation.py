"""The installation's rule about status: its sources in order, failing closed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from idp.jpki.chain import ChainedCertificate
from idp.jpki.errors import CardRejected, CardUnverifiable, Rejection, Unverifiable
from idp.jpki.ports import RevocationSource, Status, StatusState


class RevocationPolicy:
    """A ``RevocationCheck``: the first source that knows decides; where none knows, nobody gets in.

    Takes: sources in order of preference; maximum_age_seconds, how old an answer may be, None for the source's word.
    """

    def __init__(self, sources: Sequence[RevocationSource], *, maximum_age_seconds: int | None = None) -> None:
        self._sources = tuple(sources)
        self._maximum_age = None if maximum_age_seconds is None else timedelta(seconds=maximum_age_seconds)

    def check_good(self, certificate: ChainedCertificate, now: datetime) -> Status:
        """Establish that a source calls the certificate good.

        Raises:  CardRejected: revoked. CardUnverifiable: what the first source answered that did not know.
        Source:  RFC 6960 §2.2: unknown is not revoked, and not good either.
        """
        first: CardUnverifiable | None = None
        for source in self._sources:
            try:
                status = source.find_status(certificate, now)
                if status.state is StatusState.REVOKED:
                    raise CardRejected(Rejection.REVOKED, f"by {status.source}")
                self._check_answer(status, now)
            except CardUnverifiable as unknown:
                first = first or unknown
            else:
                return status
        raise first or CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, "no status source is configured")

    def _check_answer(self, status: Status, now: datetime) -> None:
        if status.state is not StatusState.GOOD:
            raise CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, f"{status.source} does not know the certificate")
        if self._maximum_age is not None and now - status.this_update > self._maximum_age:
            raise CardUnverifiable(Unverifiable.STATUS_STALE, f"{status.source} answered with an old status")


class NoRevocation:
    """A ``RevocationCheck`` for a sandbox without status source; certificates of real authorities do not pass it."""

    def check_good(self, certificate: ChainedCertificate, now: datetime) -> None:
        """Establish only that the certificate is a sandbox's; the authentication then carries no status time.

        Raises: CardUnverifiable: status_unavailable.
        """
        if not certificate.anchor.sandbox:
            raise CardUnverifiable(Unverifiable.STATUS_UNAVAILABLE, "a status source is required outside a sandbox")
