"""conf/idp.service: the hardening that the operator counts on is written down."""

import configparser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def read_service() -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[method-assign,assignment] # names keep their capitals
    text = (ROOT / "conf" / "idp.service").read_text(encoding="utf-8")
    parser.read_string(text)
    assert parser.sections() == ["Unit", "Service", "Install"]
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            lines.setdefault(name, []).append(value)
    return lines


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("User", "idp"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("CapabilityBoundingSet", ""),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("LimitCORE", "0"),
    ],
)
def test_service_gives_up_what_it_does_not_need(name: str, value: str) -> None:
    assert read_service()[name] == [value]


def test_database_is_migrated_before_the_service_starts() -> None:
    service = read_service()
    assert service["ExecStartPre"] == ["/opt/idp/bin/idp db migrate"]
    assert service["ExecStart"] == ["/opt/idp/bin/idp serve"]


def test_settings_and_secrets_do_not_stand_in_the_unit() -> None:
    assert read_service()["Environment"] == ["IDP_CONFIG=/etc/idp/idp.toml"]
