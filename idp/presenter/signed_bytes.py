"""The bytes a card signs, rebuilt from what the provider knows itself (protocol §3.3)."""

import hashlib

from idp.presenter.transaction import Purpose


def message_to_sign(purpose: Purpose, issuer: str, nonce: str, canonical_transaction: bytes) -> bytes:
    """M: issuer, nonce and transaction under a context of our own.

    The context string keeps a signature made for another service or for TLS from passing here, and ours from passing
    there; hashing each part first keeps the parts apart. Issuer and nonce need no check of their own: a good signature
    proves them.
    Takes:   the issuer's and the nonce's ASCII text; the RFC 8785 form of the transaction.
    Returns: the purpose in ASCII, a zero byte and three SHA-256 digests.
    Source:  card presenter protocol §3.3.
    """
    return b"".join(
        (
            b"mynumber-idp/v1/" + purpose.encode("ascii"),
            b"\x00",
            hashlib.sha256(issuer.encode("ascii")).digest(),
            hashlib.sha256(nonce.encode("ascii")).digest(),
            hashlib.sha256(canonical_transaction).digest(),
        )
    )
