"""Whose status nobody learns from a list: such a certificate has to be asked about by itself, again and again."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

# Stands for the list of a whole authority, as in ``crl_index``.
WHOLE_AUTHORITY = b""
# What ``name_lists`` says of a certificate of which no list tells.
UNLISTED: Final = ""


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

    def name_lists(self, issuer_key_id: bytes, partitions: Collection[bytes]) -> str:
        """All lists here of an authority, as one digest, if one of them tells of a certificate; else ``UNLISTED``.

        It names no partition of the certificate, which would be a municipality. Where the settings gain or lose a list
        of the authority, it is another one.
        """
        return self._digest_lists(issuer_key_id) if self.is_listed(issuer_key_id, partitions) else UNLISTED

    def is_current(self, listed_by: str | None) -> bool:
        """Whether the lists that told of a certificate, as ``name_lists`` had it, are those that there are now.

        None, which is not known, is current where nobody but lists is asked: no other card can have signed in.
        """
        if listed_by is None:
            return bool(self.listed) and not self.has_questions()
        return listed_by != UNLISTED and any(listed_by == self._digest_lists(each) for each in self.listed)

    def _digest_lists(self, issuer_key_id: bytes) -> str:
        names = sorted(self.listed.get(issuer_key_id, ()))
        return hashlib.sha256(repr((issuer_key_id, names)).encode("ascii")).hexdigest()
