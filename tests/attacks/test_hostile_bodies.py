"""Bytes that are not the protocol's: one answer each, and the transaction none the worse."""

import json

import pytest

from tests.attacks.refusals import assert_refused
from tests.support.presenter_double import PresenterDouble

ENDPOINTS = ("open", "proof", "cancel")
NOT_OUR_JSON = {
    "empty": b"",
    "not-json": b"{",
    "array": b"[]",
    "string": b'"x"',
    "null": b"null",
    "number": b"1",
    "not-utf-8": b'{"format":"\xff"}',
    "utf-16": '{"format":"mynumber-card/1"}'.encode("utf-16"),
    "byte-order-mark": b'\xef\xbb\xbf{"format":"mynumber-card/1"}',
    "deep-array": b"[" * 8000,
    "deep-object": b'{"a":' * 2500 + b"1" + b"}" * 2500,
    "deep-member": b'{"format":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "long-number": b'{"format":' + b"9" * 10000 + b"}",
    "not-a-number": b'{"format":NaN}',
    "infinity": b'{"format":-Infinity}',
    "member-is-a-number": b'{"format":1}',
    "member-is-null": b'{"format":null}',
    "trailing": b'{"format":"mynumber-card/1"} {}',
    "form": b"format=mynumber-card/1",
    "nul": b"\0",
    "surrogate": b'{"format":"mynumber-card/1","commitment":"\\ud800"}',
}


def sample(presenter: PresenterDouble, endpoint: str) -> dict[str, str]:
    return {
        "open": {"format": "mynumber-card/1", "commitment": presenter.commitment},
        "proof": presenter.proof(),
        "cancel": {"format": "mynumber-card/1", "secret": presenter.secret, "reason": "cancelled"},
    }[endpoint]


def test_what_is_not_our_json_is_refused(presenter: PresenterDouble) -> None:
    for endpoint in ENDPOINTS:
        for body in NOT_OUR_JSON.values():
            assert_refused(presenter.call(endpoint, body), 400, "invalid_request")
    assert presenter.open().status_code == 200


def test_an_unknown_member_is_refused(presenter: PresenterDouble) -> None:
    presenter.open()
    for endpoint in ENDPOINTS:
        for name in ("", "nonce", "issuer", "Format", "format ", "__proto__"):
            body = json.dumps(sample(presenter, endpoint) | {name: "x"}).encode()
            assert_refused(presenter.call(endpoint, body), 400, "invalid_request")
    assert presenter.prove().status_code == 200


def test_a_doubled_member_is_refused_even_with_the_same_value(presenter: PresenterDouble) -> None:
    presenter.open()
    for endpoint in ENDPOINTS:
        members = sample(presenter, endpoint)
        for name, value in members.items():
            doubled = json.dumps(members)[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}"
            assert_refused(presenter.call(endpoint, doubled.encode()), 400, "invalid_request")
            escaped = json.dumps(members)[:-1] + f', "\\u{ord(name[0]):04x}{name[1:]}": {json.dumps(value)}}}'
            assert_refused(presenter.call(endpoint, escaped.encode()), 400, "invalid_request")


def test_a_missing_member_is_refused(presenter: PresenterDouble) -> None:
    presenter.open()
    for endpoint in ENDPOINTS:
        members = sample(presenter, endpoint)
        for name in members:
            body = json.dumps({key: value for key, value in members.items() if key != name}).encode()
            assert_refused(presenter.call(endpoint, body), 400, "invalid_request")


@pytest.mark.parametrize("format_", ["mynumber-card/2", "mynumber-card/1.0", "MYNUMBER-CARD/1", "web-eid:1.0", ""])
def test_another_format_is_refused(presenter: PresenterDouble, format_: str) -> None:
    for endpoint in ENDPOINTS:
        body = json.dumps(sample(presenter, endpoint) | {"format": format_}).encode()
        assert_refused(presenter.call(endpoint, body), 400, "unsupported_format")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("secret", "A" * 42),
        ("secret", "A" * 42 + "B"),
        ("secret", "A" * 43 + "="),
        ("unverified_certificate", "****"),
        ("unverified_certificate", "AA="),
        ("unverified_certificate", "é"),
        ("signature", "+/"),
        ("signature", "AAAAA"),
        ("signature", ""),
        ("signature", "AA=="),
        ("presenter", ""),
        ("presenter", "x" * 65),
        ("presenter", "a\nb"),
        ("presenter", "エージェント"),
    ],
)
def test_a_value_outside_its_rule_is_refused_and_spends_no_try(
    presenter: PresenterDouble, member: str, value: str
) -> None:
    presenter.open()
    assert_refused(presenter.prove(presenter.proof(**{member: value})), 400, "invalid_request")
    assert presenter.prove().status_code == 200


def test_a_reason_that_is_not_in_the_list_is_refused(presenter: PresenterDouble) -> None:
    presenter.open()
    for reason in ("", "expired", "possible_relay", "CANCELLED", "x" * 5000):
        assert_refused(presenter.cancel(reason), 400, "invalid_request")


def test_sixteen_kibibytes_are_read_and_one_more_is_refused(presenter: PresenterDouble) -> None:
    presenter.open()
    proof = json.dumps(presenter.proof()).encode()
    full = proof[:-1] + b" " * (16 * 1024 - len(proof)) + b"}"
    assert len(full) == 16 * 1024
    assert_refused(presenter.call("proof", full + b" "), 413, "too_large")
    assert presenter.call("proof", full).status_code == 200


def test_a_body_over_the_servers_own_limit_is_refused(presenter: PresenterDouble) -> None:
    assert_refused(presenter.call("open", b" " * 1_000_000), 413, "too_large")


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/jwt",
        "multipart/form-data",
    ],
)
def test_another_content_type_is_refused(presenter: PresenterDouble, content_type: str) -> None:
    body = json.dumps(sample(presenter, "open")).encode()
    assert_refused(presenter.call("open", body, Content_Type=content_type), 415, "unsupported_media_type")


def test_a_charset_beside_the_content_type_is_no_fault(presenter: PresenterDouble) -> None:
    body = json.dumps(sample(presenter, "open")).encode()
    assert presenter.call("open", body, Content_Type="Application/JSON; charset=utf-8").status_code == 200


def test_a_certificate_of_every_length_up_to_the_limit_gets_an_answer(presenter: PresenterDouble) -> None:
    for certificate in ("", "MA==", "MIIE" + "A" * 4000, "//79" * 2000):
        presenter.open()
        answer = presenter.prove(presenter.proof(unverified_certificate=certificate))
        assert (answer.status_code, answer.get_json()["error"]) == (422, "malformed")
