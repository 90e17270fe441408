"""Fixtures that stand for the agent's partners: a card, a provider, the vectors."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from build_vectors import VECTORS
from card_double import CardDouble, make_certificate
from cryptography.hazmat.primitives.asymmetric import rsa
from provider_double import ProviderDouble


@pytest.fixture(scope="session")
def card_key() -> rsa.RSAPrivateKey:
    """The key of the card."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def certificate(card_key: rsa.RSAPrivateKey) -> bytes:
    """Its certificate, DER."""
    return make_certificate(card_key)


@pytest.fixture
def card(card_key: rsa.RSAPrivateKey, certificate: bytes) -> Iterator[CardDouble]:
    """A card on a socket, PIN 1234."""
    with CardDouble(card_key, certificate) as double:
        yield double


@pytest.fixture
def provider() -> Iterator[ProviderDouble]:
    """A sandbox provider on loopback http."""
    with ProviderDouble() as double:
        yield double


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory of its own, in English."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    return tmp_path


@pytest.fixture(scope="session")
def vectors() -> dict[str, Any]:
    """The published test vectors."""
    loaded: dict[str, Any] = json.loads(VECTORS.read_text(encoding="ascii"))
    return loaded
