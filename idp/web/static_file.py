"""The stylesheet and the icon: read once, addressed by their content, so that browsers may keep them for ever."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STATIC_DIRECTORY: Final = Path(__file__).resolve().parent / "static"
# The address changes with the content (RFC 8246).
CACHE_CONTROL: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file: ``path`` is below the issuer, starts with a slash and holds 128 bits of the content's SHA-256."""

    path: str
    content_type: str
    body: bytes


def load_stylesheet(directory: Path = STATIC_DIRECTORY) -> StaticFile:
    """The one stylesheet of all pages."""
    return _load(directory / "idp.css", "text/css; charset=utf-8")


def load_icon(directory: Path = STATIC_DIRECTORY) -> StaticFile:
    """The icon that browsers show in a tab."""
    return _load(directory / "icon.svg", "image/svg+xml")


def _load(file: Path, content_type: str) -> StaticFile:
    body = file.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:32]
    return StaticFile(f"/static/{file.stem}-{digest}{file.suffix}", content_type, body)
