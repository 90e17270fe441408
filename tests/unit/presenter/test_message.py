"""Bodies of any bytes: a value of ours or a refusal of ours, nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.identifiers import new_identifier
from idp.presenter.errors import PresenterError, PresenterErrorCode
from idp.presenter.message import (
    BODY_LIMIT_BYTES,
    CANCEL_REASONS,
    FORMAT,
    parse_cancel_request,
    parse_open_request,
    parse_proof_request,
)

PARSERS = (parse_open_request, parse_proof_request, parse_cancel_request)
SECRET = new_identifier()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
MEMBERS = st.sampled_from(
    ["format", "commitment", "secret", "reason", "unverified_certificate", "algorithm", "signature", "presenter", ""]
)


def parse(body: bytes) -> None:
    for parser in PARSERS:
        try:
            parser(body)
        except PresenterError as refused:
            assert refused.code in (
                PresenterErrorCode.INVALID_REQUEST,
                PresenterErrorCode.UNSUPPORTED_FORMAT,
                PresenterErrorCode.TOO_LARGE,
            )
            assert SECRET not in str(refused) + refused.detail


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_read(body: bytes) -> None:
    parse(body)


@given(JSON)
def test_any_json_is_refused_or_read(value: object) -> None:
    parse(json.dumps(value).encode())


@given(st.dictionaries(MEMBERS, st.just(FORMAT) | st.just(SECRET) | st.text() | JSON))
def test_any_mixture_of_our_members_is_refused_or_read(members: dict[str, object]) -> None:
    parse(json.dumps(members, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def test_each_request_is_read() -> None:
    assert parse_open_request(json.dumps({"format": FORMAT, "commitment": SECRET}).encode()).commitment == SECRET
    proof = {
        "format": FORMAT,
        "secret": SECRET,
        "unverified_certificate": "AQI=",
        "algorithm": "RS256",
        "signature": "AQI",
        "presenter": "agent/1",
    }
    read = parse_proof_request(json.dumps(proof).encode())
    assert (read.unverified_certificate, read.unverified_signature) == (b"\x01\x02", b"\x01\x02")
    for reason in CANCEL_REASONS:
        body = json.dumps({"format": FORMAT, "secret": SECRET, "reason": reason}).encode()
        assert parse_cancel_request(body).reason == reason


def test_a_body_over_the_limit_is_too_large_whatever_it_says() -> None:
    for parser in PARSERS:
        with pytest.raises(PresenterError) as refused:
            parser(b"{" + b" " * BODY_LIMIT_BYTES)
        assert refused.value.code is PresenterErrorCode.TOO_LARGE
        assert refused.value.status == 413


@pytest.mark.parametrize("code", list(PresenterErrorCode))
def test_every_code_has_a_status(code: PresenterErrorCode) -> None:
    assert 400 <= PresenterError(code).status <= 500
