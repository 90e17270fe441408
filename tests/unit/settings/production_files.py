"""A production provider's settings that start, to be spoilt one at a time."""

import secrets
from pathlib import Path
from typing import Any


def write_secret(path: Path, text: str | None = None, mode: int = 0o600) -> Path:
    path.write_text(f"{secrets.token_urlsafe(32) if text is None else text}\n", encoding="utf-8")
    path.chmod(mode)
    return path


def production_tables(directory: Path) -> dict[str, Any]:
    """Tables as the file would have them, with the files they name made below a directory."""
    for folder in ("auth-anchors", "signature-anchors"):
        (directory / folder).mkdir()
    return {
        "environment": "production",
        "issuer": "https://id.city.example",
        "operator": {
            "name": "Example City",
            "contact": "id-support@city.example",
            "privacy_notice": "https://www.city.example/privacy",
            "purpose_of_use": "To let residents sign in",
        },
        "jpki": {
            "user_authentication_anchors": str(directory / "auth-anchors"),
            "digital_signature_anchors": str(directory / "signature-anchors"),
            "crl_index_directory": str(directory / "crl"),
            "crl": [{"anchor": "ab" * 32, "source": str(directory / "list.crl")}],
        },
        "identity": {"lookup_key": [{"id": "2027", "file": str(write_secret(directory / "lookup-key"))}]},
        "keys": {"key_encryption_key_file": str(write_secret(directory / "key-encryption-key"))},
        "stores": {"database": f"sqlite:///{directory}/idp.sqlite3"},
    }
