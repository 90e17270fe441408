"""What a sandbox fills in by itself, so that it starts with no file at all. Production gets none of it."""

from pathlib import Path
from typing import Any, Final

SANDBOX_ISSUER: Final = "http://127.0.0.1:8000"
_DIRECTORY: Final = "var/sandbox"


def make_sandbox_defaults(given: dict[str, Any]) -> dict[str, Any]:
    """The tables under the operator's own: keys, anchors and an operator's name, all inside the sandbox's directory.

    Takes:   what the file and the environment say; only ``sandbox.directory`` is looked at.
    Returns: nested tables. The files named are made by the sandbox at its first start.
    """
    section = given.get("sandbox")
    named = section.get("directory", _DIRECTORY) if isinstance(section, dict) else _DIRECTORY
    directory = Path(named) if isinstance(named, str) else Path(_DIRECTORY)
    return {
        "operator": {
            "name": "Sandbox",
            "contact": "mailto:nobody@sandbox.invalid",
            "privacy_notice": "https://sandbox.invalid/privacy",
            "purpose_of_use": "Trying out sign-in with test cards",
        },
        "jpki": {
            "user_authentication_anchors": str(directory / "trust/user-authentication"),
            "digital_signature_anchors": str(directory / "trust/digital-signature"),
            "crl_index_directory": str(directory / "crl"),
        },
        "identity": {"lookup_key": [{"id": "sandbox", "file": str(directory / "lookup-key")}]},
        "operator_platform": {
            "name": "sandbox",
            "client_id": "sandbox",
            "private_key_file": str(directory / "operator-client-key.pem"),
        },
        "keys": {"key_encryption_key_file": str(directory / "key-encryption-key")},
        "registration": {"mode": "open"},
        "sandbox": {},
    }
