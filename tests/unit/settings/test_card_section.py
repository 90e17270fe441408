"""[jpki]: the order of the sources, and what each of them needs."""

from typing import Any

import pytest
from pydantic import ValidationError

from idp.settings.card_section import JpkiSection

ANCHOR = "ab" * 32
LIST: dict[str, Any] = {"anchor": ANCHOR, "source": "/a.crl"}
RESPONDER: dict[str, Any] = {"anchor": ANCHOR, "url": "http://ocsp.authority.example"}


def refused(**members: object) -> set[tuple[object, ...]]:
    with pytest.raises(ValidationError) as refusal:
        JpkiSection(**members)
    return {tuple(error["loc"]) for error in refusal.value.errors()}


@pytest.mark.parametrize("order", [(), ("crl",), ("ocsp",), ("crl", "ocsp"), ("ocsp", "crl")])
def test_sources_may_stand_in_any_order(order: tuple[str, ...]) -> None:
    assert JpkiSection(revocation=order, ocsp=[RESPONDER]).revocation == order


@pytest.mark.parametrize("order", [("crl", "crl"), ("operators",)])
def test_a_source_twice_or_unknown_is_refused(order: tuple[str, ...]) -> None:
    assert {place[0] for place in refused(revocation=order)} == {"revocation"}


def test_status_by_ocsp_needs_a_responder() -> None:
    assert refused(revocation=["crl", "ocsp"]) == {("ocsp",)}


def test_one_authority_has_one_responder_and_one_list_for_a_distribution_point() -> None:
    assert refused(ocsp=[RESPONDER, RESPONDER]) == {("ocsp",)}
    assert refused(crl=[LIST, LIST]) == {("crl",)}
    JpkiSection(crl=[LIST, LIST | {"distribution_point": "CN=a,C=JP"}])


@pytest.mark.parametrize(
    "url", ["", "ocsp.example", "ftp://ocsp.example", "http://", "http://a:b@ocsp.example", "http://a/#b"]
)
def test_a_responders_address_is_http_without_user_name(url: str) -> None:
    assert refused(ocsp=[RESPONDER | {"url": url}]) == {("ocsp", 0, "url")}


@pytest.mark.parametrize("member", [{"source": ""}, {"source": "ldap://a/b"}, {"delta": "ldap://a/b"}])
def test_a_list_and_its_delta_are_a_file_or_an_address(member: dict[str, str]) -> None:
    assert {place[:2] for place in refused(crl=[LIST | member])} == {("crl", 0)}
