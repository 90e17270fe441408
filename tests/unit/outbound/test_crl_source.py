"""The bytes of a list: limits, no redirects, no host but the configured one."""

from collections.abc import Iterator

import httpx
import pytest

from idp.jpki.crl import CRL_LIMIT_BYTES
from idp.jpki.errors import CardUnverifiable, Unverifiable
from idp.outbound.crl_source import CrlAddressRefused, FileCrlSource, HttpCrlSource, crl_source

URL = "https://crl.example/auth.crl"


def answering(handler, total_seconds: float = 5.0) -> HttpCrlSource:
    return HttpCrlSource(URL, transport=httpx.MockTransport(handler), total_seconds=total_seconds)


def refusal_of(source: HttpCrlSource | FileCrlSource) -> CardUnverifiable:
    with pytest.raises(CardUnverifiable) as refusal:
        source.read()
    assert refusal.value.reason is Unverifiable.STATUS_UNAVAILABLE
    return refusal.value


class Endless(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield bytes(1 << 20)


def test_a_file_is_read_whole(tmp_path):
    (tmp_path / "x.crl").write_bytes(b"list")
    assert FileCrlSource(tmp_path / "x.crl").read() == b"list"


def test_a_missing_file_is_unavailable(tmp_path):
    refusal_of(FileCrlSource(tmp_path / "x.crl"))


def test_a_file_above_the_limit_is_unavailable(tmp_path):
    with (tmp_path / "x.crl").open("wb") as file:
        file.truncate(CRL_LIMIT_BYTES + 1)
    refusal_of(FileCrlSource(tmp_path / "x.crl"))


def test_an_answer_is_read_whole_from_the_configured_address():
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"list"))

    assert answering(handler).read() == b"list"
    assert [str(request.url) for request in asked] == [URL]
    assert asked[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("status", [204, 206, 301, 302, 307, 401, 404, 500, 503])
def test_any_other_status_is_unavailable_and_no_redirect_is_followed(status: int):
    asked = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(status, headers={"Location": "http://169.254.169.254/"}, content=b"list")

    refusal_of(answering(handler))
    assert asked == [URL]


def test_an_encoded_answer_is_unavailable():
    refusal_of(answering(lambda request: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Endless())))


def test_an_endless_answer_is_cut_off():
    assert "long" in refusal_of(answering(lambda request: httpx.Response(200, stream=Endless()), 60.0)).detail


def test_a_slow_answer_is_cut_off():
    assert "took" in refusal_of(answering(lambda request: httpx.Response(200, stream=Endless()), -1.0)).detail


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x"), OSError("x")]
)
def test_a_broken_connection_is_unavailable(fault: Exception):
    def handler(request: httpx.Request) -> httpx.Response:
        raise fault

    refusal_of(answering(handler))


@pytest.mark.parametrize("location", ["/var/lib/crl/auth.crl", "file:///var/lib/crl/auth.crl"])
def test_a_path_is_a_file(location: str):
    assert isinstance(crl_source(location), FileCrlSource)


def test_a_url_is_an_address():
    assert isinstance(crl_source(URL), HttpCrlSource)
    assert isinstance(crl_source("http://crl.example/x", allow_http=True), HttpCrlSource)


@pytest.mark.parametrize(
    "location",
    [
        "",
        "relative/path.crl",
        "http://crl.example/x",
        "https:///x",
        "ftp://crl.example/x",
        "ldap://crl.example/x",
        "file://host/x",
        "https://user:secret@crl.example/x",
        "https://crl.example/x#y",
    ],
)
def test_any_other_location_is_refused(location: str):
    with pytest.raises(CrlAddressRefused):
        crl_source(location)
