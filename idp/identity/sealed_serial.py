"""A certificate's issuer and serial number at rest, sealed into the one row of its credential.

It is kept only where nobody could otherwise learn between two sign-ins that the certificate was revoked; who holds the
database without the key-encryption key learns nothing of it, not even that two rows are of one authority.
"""

from typing import Final

from idp.identity.credential import LookupDigest
from idp.keys.errors import Unsealable
from idp.keys.sealing import Sealer

_PURPOSE: Final = "credential-serial"
_ISSUER_KEY_ID_BYTES: Final = 32


def seal_serial(sealer: Sealer, lookup: LookupDigest, issuer_key_id: bytes, serial: bytes) -> str:
    """The pair as it is stored, to be opened only for the credential of this very digest.

    Takes:   lookup, under the newest look-up key; issuer_key_id, 32 bytes; serial, big-endian.
    Source:  design "Who is it?": a serial number that must be kept for status queries is encrypted, bound to its row.
    """
    return sealer.seal(_PURPOSE, _name_row(lookup), issuer_key_id + serial)


def unseal_serial(sealer: Sealer, lookup: LookupDigest, sealed: str) -> tuple[bytes, bytes]:
    """Issuer key id and serial number of the credential of this digest.

    Raises: Unsealable: another row's, another key's, or changed.
    """
    pair = sealer.unseal(_PURPOSE, _name_row(lookup), sealed)
    if len(pair) <= _ISSUER_KEY_ID_BYTES:
        raise Unsealable
    return pair[:_ISSUER_KEY_ID_BYTES], pair[_ISSUER_KEY_ID_BYTES:]


def _name_row(lookup: LookupDigest) -> bytes:
    # The digest is made of what is sealed, so it is more than the row's name; the key's id has no zero octet.
    return b"\x00".join((b"credentials", b"sealed_serial", lookup.key_id.encode("utf-8"), lookup.digest))
