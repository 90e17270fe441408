"""What a refusal looks like, for every attack alike."""

import re

from werkzeug.test import TestResponse

REFERENCE = re.compile(r"[2-9A-HJ-NP-Z]{10}")


def assert_refused(answer: TestResponse, status: int, error: str) -> None:
    """A presenter's refusal: protocol §4, with a reference and nothing else."""
    body = answer.get_json()
    assert (answer.status_code, body["error"]) == (status, error), body
    assert set(body) == {"error", "reference"}
    assert REFERENCE.fullmatch(body["reference"])
    assert answer.headers["Cache-Control"] == "no-store"


def assert_card_refused(answer: TestResponse, error: str, *, status: int = 422) -> None:
    """The card's outcome: protocol §3.4."""
    body = answer.get_json()
    assert (answer.status_code, body.get("error")) == (status, error), body
    assert set(body) == {"error", "next_nonce", "tries_left", "reference"}
    assert bool(body["next_nonce"]) == (body["tries_left"] > 0)


def assert_page(answer: TestResponse, status: int) -> None:
    """A page for a person, without anything a browser would send onwards."""
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    assert answer.mimetype == "text/html"
    assert "Location" not in answer.headers
    assert "Traceback" not in answer.get_data(as_text=True)
