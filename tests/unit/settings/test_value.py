"""One spelling of an issuer; addresses to listen on."""

import pytest

from idp.settings.section import WebSection
from idp.settings.value import check_issuer, is_loopback


@pytest.mark.parametrize(
    "issuer",
    [
        "https://id.example",
        "https://id.example:8443",
        "https://id.example/tenant/a",
        "https://xn--eckwd4c7c.xn--zckzah",
        "https://[2001:db8::1]",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
    ],
)
def test_canonical_issuers_pass_unchanged(issuer: str) -> None:
    assert check_issuer(issuer) == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "id.example",
        "ftp://id.example",
        "HTTPS://id.example",
        "https:id.example",
        "https://",
        "https://id.example/",
        "https://id.example/a/",
        "https://id.example//a",
        "https://id.example/../a",
        "https://id.example/%61",
        "https://id.example?",
        "https://id.example?a=b",
        "https://id.example#",
        "https://id.example:443",
        "http://localhost:80",
        "https://id.example:08443",
        "https://id.example:",
        "https://id.example:99999",
        "https://ID.example",
        "https://id.example.",
        "https://user@id.example",
        "https://user:secret@id.example",
        "https://例え.テスト",
        "https://id_.example",
        "https://id.example\n",
        "https://id.exa\tmple",
        " https://id.example",
        "https://[::1",
        "https://[2001:DB8::1]",
    ],
)
def test_other_spellings_are_refused(issuer: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_issuer(issuer)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machine_has_three_names(host: str) -> None:
    assert is_loopback(f"http://{host}:8000")


@pytest.mark.parametrize("host", ["localhost.example", "127.0.0.1.example", "127.0.0.2", "10.0.0.1", "[::2]"])
def test_other_names_are_not_this_machine(host: str) -> None:
    assert not is_loopback(f"http://{host}:8000")


@pytest.mark.parametrize("bind", ["127.0.0.1:8000", "localhost:0", "[::1]:8000", "0.0.0.0:65535"])
def test_address_and_port_to_listen_on(bind: str) -> None:
    assert WebSection(bind=bind).bind == bind


@pytest.mark.parametrize(
    "bind", ["", "8000", ":8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "host:80", "1:2:3"]
)
def test_other_addresses_to_listen_on_are_refused(bind: str) -> None:
    with pytest.raises(ValueError, match="bind"):
        WebSection(bind=bind)


def test_metrics_can_be_turned_off() -> None:
    assert WebSection(metrics_bind="").metrics_bind == ""
