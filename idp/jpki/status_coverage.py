"""Whose status nobody learns from a list: such a certificate has to be asked about by itself, again and again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

# Stands for the list of a whole authority, as in ``crl_index``.
WHOLE_AUTHORITY = b""


@dataclass(frozen=True, slots=True)
class StatusCoverage:
    """What the installation's sources can say.

    Takes: askable, the authorities (SHA-256 of their key) about whose certificates somebody answers one by one; listed,
           by authority the partitions that have a list here, ``WHOLE_AUTHORITY`` among them where one list has all.
    """

    askable: frozenset[bytes] = frozenset()
    listed: Mapping[bytes, Collection[bytes]] = field(default_factory=dict)

    def has_questions(self) -> bool:
        """Whether there may be any certificate here of which no list tells."""
        return any(self.is_askable(issuer_key_id) for issuer_key_id in self.askable)

    def is_askable(self, issuer_key_id: bytes) -> bool:
        """Whether an authority's certificates may have to be asked about, as no list has them all."""
        return issuer_key_id in self.askable and WHOLE_AUTHORITY not in self.listed.get(issuer_key_id, ())

    def is_listed(self, issuer_key_id: bytes, partitions: Collection[bytes]) -> bool:
        """Whether a list here tells of a certificate of these partitions.

        Source: RFC 5280 §6.3.3: a list speaks of the certificates of its distribution point.
        """
        listed = self.listed.get(issuer_key_id, ())
        return WHOLE_AUTHORITY in listed or any(partition in listed for partition in partitions)
