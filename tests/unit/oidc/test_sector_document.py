"""Who may join a sector: whom its document lists, and nobody else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.client import Client
from idp.oidc.errors import DocumentUnavailable, ErrorCode, OAuthError
from idp.oidc.registration import register_client
from idp.oidc.sector_document import NOBODY_VOUCHES, OperatorVouches, PublishedSectors, SectorVoucher
from idp.oidc.subject import PUBLIC_SECTOR
from tests.unit.oidc.samples import NOW

URI = "https://group.example/sector.json"
OURS = "https://rp.example/cb"


class Site:
    def __init__(self, document: Any) -> None:
        self.document = document

    def read_document(self, url: str) -> bytes:
        assert url == URI
        if isinstance(self.document, Exception):
            raise self.document
        return self.document if isinstance(self.document, bytes) else json.dumps(self.document).encode()


def register(sectors: SectorVoucher, **changed: Any) -> Client:
    members = {"client_name": "R", "redirect_uris": [OURS], "sector_identifier_uri": URI, **changed}
    return register_client(members, sandbox=False, now=NOW, sectors=sectors)[0]


def refusal(sectors: SectorVoucher, **changed: Any) -> OAuthError:
    with pytest.raises(OAuthError) as refused:
        register(sectors, **changed)
    assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA
    return refused.value


def test_a_client_that_the_document_lists_joins_the_sector() -> None:
    several = [OURS, "https://other.example/cb"]
    client = register(PublishedSectors(Site([*several, "https://third.example/"])), redirect_uris=several)
    assert client.sector == "group.example"
    assert client.options.sector_identifier_uri == URI


@pytest.mark.parametrize(
    "document",
    [[], [OURS + "/"], ["https://rp.example/CB"], ["https://rp.example"], ["https://*.example/cb"], [OURS.upper()]],
)
def test_a_client_that_the_document_does_not_list_exactly_is_refused(document: Any) -> None:
    refusal(PublishedSectors(Site(document)))


def test_all_redirect_uris_must_be_listed() -> None:
    """OIDC Registration §5."""
    refusal(PublishedSectors(Site([OURS])), redirect_uris=[OURS, "https://thief.example/cb"])


NO_DOCUMENT = [
    b"",
    b"<html>",
    b"{}",
    {OURS: OURS},
    OURS,
    [OURS, 1],
    [[OURS]],
    None,
    b'["' + b"x" * 65_536 + b'"]',
    DocumentUnavailable("ConnectTimeout"),
    DocumentUnavailable("the host is not on the public Internet"),
]


@pytest.mark.parametrize("document", NO_DOCUMENT)
def test_no_document_is_one_refusal_whatever_the_reason(document: Any) -> None:
    """Who registers learns nothing of what a private network answers."""
    expected = refusal(PublishedSectors(Site(b"<html>"))).description
    assert refusal(PublishedSectors(Site(document))).description == expected


def test_without_anybody_who_vouches_no_sector_can_be_declared() -> None:
    refusal(NOBODY_VOUCHES)
    assert register(OperatorVouches()).sector == "group.example"


@pytest.mark.parametrize("uri", ["http://localhost/sector", "https://127.0.0.1/sector", "http://rp.example/sector"])
def test_the_address_is_not_called_where_its_form_is_wrong(uri: str) -> None:
    refusal(PublishedSectors(Site([OURS])), sector_identifier_uri=uri)


def test_clients_with_public_subjects_share_one_sector_that_no_host_can_have() -> None:
    hosts = ["https://a.example/cb", "https://b.example/cb"]
    client, _ = register_client(
        {"client_name": "R", "redirect_uris": hosts, "subject_type": "public"}, sandbox=False, now=NOW
    )
    assert client.sector == PUBLIC_SECTOR
    other = register(PublishedSectors(Site([OURS])), subject_type="public")
    assert other.sector == PUBLIC_SECTOR
    with pytest.raises(OAuthError):
        register_client({"client_name": "R", "redirect_uris": [f"https://{PUBLIC_SECTOR}/cb"]}, sandbox=False, now=NOW)


@given(st.binary(max_size=200) | st.lists(st.text() | st.integers()).map(lambda found: json.dumps(found).encode()))
def test_whatever_the_address_answers_nobody_joins_who_is_not_listed(data: bytes) -> None:
    try:
        PublishedSectors(Site(data)).check_listed(URI, [OURS])
    except OAuthError as error:
        assert error.code is ErrorCode.INVALID_CLIENT_METADATA
    else:
        assert OURS in json.loads(data)
