"""Fetched documents, and every failure as the one that the protocol half knows."""

import pytest

from idp.oidc.errors import DocumentUnavailable
from idp.outbound.guarded_http import FetchedDocument, FetchFailed, FetchRefused
from idp.outbound.registered_documents import RegisteredDocuments, open_guarded_http
from idp.settings.section import OutboundSection


class Http:
    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer

    def get(self, url: str, accept: str) -> FetchedDocument:
        if isinstance(self.answer, Exception):
            raise self.answer
        return FetchedDocument(self.answer, "text/plain", None)


def test_a_document_is_read() -> None:
    assert RegisteredDocuments(Http(b"[]")).read_document("https://rp.example/") == b"[]"


@pytest.mark.parametrize("failure", [FetchRefused("not public"), FetchFailed("ConnectTimeout")])
def test_a_refused_and_a_failed_call_are_one_outage(failure: Exception) -> None:
    with pytest.raises(DocumentUnavailable):
        RegisteredDocuments(Http(failure)).read_document("https://rp.example/")


@pytest.mark.enable_socket
@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://127.0.0.1:1/", "https://[::1]:1/"])
def test_only_a_sandbox_on_its_users_machine_may_call_that_machine(url: str) -> None:
    """Whoever registers at a sandbox that others reach must not make it look around where it stands."""
    with pytest.raises(FetchRefused):
        open_guarded_http(OutboundSection(), is_local=False).get(url, "application/json")
