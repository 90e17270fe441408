"""How things are encrypted to the provider: the algorithms that its keys are made for, and no others."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from idp.keys.jws_registry import SIGNING_ALGORITHMS

# RFC 7518 §4.3, §4.6. No RSA1_5 (RFC 8017 §7.2: padding oracles), no dir, no PBES2 (whose count the sender chooses).
ENCRYPTION_ALGORITHMS: Final = ("ECDH-ES+A256KW", "RSA-OAEP-256")
ALL_ALGORITHMS: Final[tuple[str, ...]] = (*SIGNING_ALGORITHMS, *ENCRYPTION_ALGORITHMS)


class ContentEncryption:
    """The exact sizes, in bytes, of what an ``enc`` works with (RFC 7518 §5.2, §5.3)."""

    __slots__ = ("iv_bytes", "key_bytes", "tag_bytes")

    def __init__(self, *, key_bytes: int, iv_bytes: int, tag_bytes: int) -> None:
        self.key_bytes = key_bytes
        self.iv_bytes = iv_bytes
        self.tag_bytes = tag_bytes


CONTENT_ENCRYPTION: Final[Mapping[str, ContentEncryption]] = MappingProxyType(
    {
        "A128GCM": ContentEncryption(key_bytes=16, iv_bytes=12, tag_bytes=16),
        "A256GCM": ContentEncryption(key_bytes=32, iv_bytes=12, tag_bytes=16),
        "A128CBC-HS256": ContentEncryption(key_bytes=32, iv_bytes=16, tag_bytes=16),
        "A256CBC-HS512": ContentEncryption(key_bytes=64, iv_bytes=16, tag_bytes=32),
    }
)


def use_of(alg: str) -> Literal["sig", "enc"]:
    """What a key of this algorithm is for (RFC 7517 §4.2)."""
    return "enc" if alg in ENCRYPTION_ALGORITHMS else "sig"
