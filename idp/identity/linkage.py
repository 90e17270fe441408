"""Asking a platform operator whose credential it is: at the proof, before any durable transaction.

The serial number is in memory at that moment only; what is carried on is a keyed digest.
"""

from datetime import datetime

from idp.identity.credential import LinkageAnswer, LookupDigest
from idp.identity.lookup_keys import LookupKeys, digest_person
from idp.identity.ports import LinkageSource, LinkReader


class LinkageResolver:
    """An operator, asked about each credential until its answer is recorded under the newest look-up key."""

    def __init__(self, source: LinkageSource, reader: LinkReader, lookup_keys: LookupKeys) -> None:
        self._source = source
        self._reader = reader
        self._lookup_keys = lookup_keys

    def resolve_linkage(
        self, digests: tuple[LookupDigest, ...], issuer_key_id: bytes, serial: bytes, now: datetime
    ) -> LinkageAnswer | None:
        """Establish which person holds a credential whose possession was proven a moment ago.

        Takes:   digests of the credential; issuer_key_id and serial, as they name it to the operator.
        Returns: None where it was answered for this very credential: nobody has to be told of that sign-in. Another
                 credential of the account proves nothing, for it may have joined by somebody's word.
        Raises:  CardUnverifiable: linkage_unavailable.
        """
        newest = self._lookup_keys.keys[0].key_id
        if self._reader.has_link(digests, newest):
            return None
        person = self._source.find_person(issuer_key_id, serial, now)
        digested = digest_person(self._lookup_keys, self._source.operator, person.person_id)
        return LinkageAnswer(digests=digested, check_id=person.check_id, as_of=person.as_of)
