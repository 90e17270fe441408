"""A client registers an address so that the provider calls somebody whom the client could not call itself.

R1-R4 are about where a browser is sent; this is about where the provider goes: key sets and sector documents.
"""

from collections.abc import Callable, Sequence

import pytest

from idp.oidc.errors import ClientKeysUnavailable, DocumentUnavailable, OAuthError
from idp.oidc.sector_document import PublishedSectors
from idp.outbound.guarded_http import GuardedHttp
from idp.outbound.published_keys import PublishedKeys
from idp.outbound.registered_documents import RegisteredDocuments
from tests.support.provider import Provider

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.5",
    "172.16.3.4",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "not-an-address",
]


class NameServer:
    """Answers as it is told, and counts."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def read_keys(http: GuardedHttp, url: str) -> None:
    PublishedKeys(http).find_key_set(url, None)


def read_sector(http: GuardedHttp, url: str) -> None:
    RegisteredDocuments(http).read_document(url)


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("read", [read_keys, read_sector])
def test_a_name_of_an_address_inside_is_not_called(read: Callable[[GuardedHttp, str], None], address: str) -> None:
    """Sockets are off here: a connection would be another exception."""
    with pytest.raises((ClientKeysUnavailable, DocumentUnavailable)):
        read(GuardedHttp(resolver=NameServer([address])), "https://rebound.example/")


@pytest.mark.parametrize("read", [read_keys, read_sector])
def test_one_address_inside_among_public_ones_is_enough(read: Callable[[GuardedHttp, str], None]) -> None:
    names = NameServer(["1.1.1.1", "10.0.0.5"])
    with pytest.raises((ClientKeysUnavailable, DocumentUnavailable)):
        read(GuardedHttp(resolver=names), "https://rebound.example/")


def test_a_name_that_changes_its_address_is_judged_at_every_call() -> None:
    """DNS rebinding: good at registration, inside at the next fetch."""
    names = NameServer(["10.0.0.5"], ["127.0.0.1"])
    http = GuardedHttp(resolver=names)
    for _ in range(2):
        with pytest.raises(DocumentUnavailable):
            read_sector(http, "https://rebound.example/")
    assert names.asked == ["rebound.example"] * 2


@pytest.mark.parametrize(
    "url",
    [
        "http://rp.example/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[::ffff:7f00:1]/",
        "https://user:password@rp.example/",
        "ftp://rp.example/",
        "file:///etc/passwd",
    ],
)
def test_an_address_in_a_strange_notation_is_not_registered_and_would_not_be_called(
    provider: Provider, url: str
) -> None:
    for members in ({"sector_identifier_uri": url}, {"jwks_uri": url, "token_endpoint_auth_method": "private_key_jwt"}):
        with pytest.raises(OAuthError) as refused:
            provider.relying_party(**members)
        assert refused.value.code == "invalid_client_metadata"
    with pytest.raises(DocumentUnavailable):
        read_sector(GuardedHttp(resolver=NameServer(["127.0.0.1"])), url)


def test_what_a_private_network_answered_cannot_be_told_from_nothing() -> None:
    sectors = [
        PublishedSectors(RegisteredDocuments(GuardedHttp(resolver=resolver)))
        for resolver in (NameServer(["10.0.0.5"]), NameServer([]), no_such_name)
    ]
    told = set()
    for sector in sectors:
        with pytest.raises(OAuthError) as refused:
            sector.check_listed("https://inside.example/", ["https://rp.example/cb"])
        told.add((refused.value.code, refused.value.description))
    assert len(told) == 1


def no_such_name(host: str, port: int) -> Sequence[str]:
    raise OSError
