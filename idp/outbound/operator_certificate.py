"""How a certificate is named to an operator: by authority and serial number, and by nothing that is in it.

The certificate itself would carry a name and an address to somebody who has to know neither to answer.
"""

from typing import Any

from idp.identifiers import encode_base64url


def name_certificate(issuer_key_id: bytes, serial: bytes) -> dict[str, Any]:
    """The contract's ``certificate``: the authority's key by its SHA-256, the serial number in hexadecimal digits."""
    return {"issuer_key_id": encode_base64url(issuer_key_id), "serial": serial.hex()}
