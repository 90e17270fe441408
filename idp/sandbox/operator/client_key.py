"""The key by which this sandbox's provider is known to its operator, made once: private for one, public for both."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from idp.sandbox.authority import write_file
from idp.sandbox.installation import holding_sandbox

CLIENT_ID = "sandbox"


def ensure_client_key(directory: Path) -> Path:
    """The file with the provider's private key (P-256, PEM), made where it is missing."""
    path = directory / "operator-client-key.pem"
    with holding_sandbox(directory):
        if not path.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            write_file(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
    return path
