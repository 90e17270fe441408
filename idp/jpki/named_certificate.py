"""A certificate as a source of status is asked about it: by its authority and serial number, and by no more."""

from dataclasses import dataclass, field
from typing import Protocol

from idp.jpki.trust_anchors import TrustAnchor


class NamedCertificate(Protocol):
    """What names a certificate; ``partitions`` are those whose lists speak of it, for who looks it up in lists."""

    @property
    def anchor(self) -> TrustAnchor:
        """The pinned authority that issued it."""
        ...

    @property
    def serial(self) -> bytes:
        """Its serial number, big-endian."""
        ...

    @property
    def partitions(self) -> tuple[bytes, ...]:
        """As ``crl_partition.list_partitions`` says."""
        ...


@dataclass(frozen=True, slots=True)
class RememberedCertificate:
    """A certificate that was verified before and is not at hand any more.

    Its partitions are not known, so only a list of its whole authority could speak of it.
    """

    anchor: TrustAnchor
    serial: bytes = field(repr=False)

    @property
    def partitions(self) -> tuple[bytes, ...]:
        """None."""
        return ()
