"""Fetched documents, and every failure as the one that the protocol half knows."""

import pytest

from idp.oidc.errors import DocumentUnavailable
from idp.outbound.guarded_http import FetchedDocument, FetchFailed, FetchRefused
from idp.outbound.registered_documents import RegisteredDocuments


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
