"""The signature algorithms in use, each as the only one that a signature may have."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from joserfc.jws import JWSRegistry

SigningAlgorithm = Literal["ES256", "RS256", "PS256", "EdDSA"]
# The key type fixes the rest: EC is P-256 (RFC 7518 §3.4), OKP is Ed25519 (RFC 8037 §3.1), RSA has 2048 bits or more.
KEY_TYPE_OF: Final[Mapping[SigningAlgorithm, str]] = MappingProxyType(
    {"ES256": "EC", "RS256": "RSA", "PS256": "RSA", "EdDSA": "OKP"}
)
SIGNING_ALGORITHMS: Final[tuple[SigningAlgorithm, ...]] = tuple(KEY_TYPE_OF)


class _OneAlgorithm(JWSRegistry):
    """RFC 9864 would have EdDSA named by its curve, and the library warns; clients know it as EdDSA (FAPI 2.0 §5.4)."""

    def get_alg(self, name: str) -> Any:
        if name == "EdDSA" and self.allowed is not None and name in self.allowed:
            return self.algorithms[name]
        return super().get_alg(name)


REGISTRIES: Final[Mapping[str, JWSRegistry]] = MappingProxyType(
    {alg: _OneAlgorithm(algorithms=[alg]) for alg in SIGNING_ALGORITHMS}
)
