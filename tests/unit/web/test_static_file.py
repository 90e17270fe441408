"""The stylesheet: small, addressed by its content, nothing from elsewhere."""

import hashlib
import re
from pathlib import Path

from idp.web.static_file import load_icon, load_stylesheet

LIMIT_BYTES = 12_000


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_stylesheet_is_small_and_fetches_nothing() -> None:
    body = load_stylesheet().body.decode()
    assert len(body.encode()) <= LIMIT_BYTES
    assert not re.search(r"@import|url\(|@font-face|https?:", body)


def test_the_address_changes_with_the_content(tmp_path: Path) -> None:
    (tmp_path / "idp.css").write_bytes(b"a{}")
    before = load_stylesheet(tmp_path).path
    assert before == f"/static/idp-{hashlib.sha256(b'a{}').hexdigest()[:32]}.css"
    (tmp_path / "idp.css").write_bytes(b"b{}")
    assert load_stylesheet(tmp_path).path != before


def test_types_are_stated() -> None:
    assert load_stylesheet().content_type == "text/css; charset=utf-8"
    assert load_icon().content_type == "image/svg+xml"
    assert b"<script" not in load_icon().body


def test_colours_of_text_have_the_contrast_of_wcag_aa() -> None:
    body = load_stylesheet().body.decode()
    colours = dict(re.findall(r"--([a-z]+-\d+): (#[0-9a-f]{3,6});", body))
    full = {
        name: "#" + "".join(c * 2 for c in value[1:]) if len(value) == 4 else value for name, value in colours.items()
    }
    for name in ("blue-900", "blue-1000", "blue-1200", "gray-600", "gray-800", "red-900"):
        assert contrast(full[name], "#ffffff") >= 4.5
        assert contrast(full[name], full["gray-50"]) >= 4.5
    assert contrast(full["gray-800"], full["blue-50"]) >= 4.5
    assert contrast("#000000", full["yellow-300"]) >= 4.5
    assert contrast(full["yellow-900"], "#ffffff") >= 3


def test_motion_forced_colours_and_focus_are_thought_of() -> None:
    body = load_stylesheet().body.decode()
    assert "prefers-reduced-motion" in body
    assert "forced-colors: active" in body
    assert ":focus-visible { outline: 4px solid #000;" in body
