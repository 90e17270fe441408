"""The wrapper adds its headers to whatever an application answers; HSTS where there is TLS."""

from collections.abc import Iterable
from typing import Any

import pytest

from idp.web.security_headers import SecurityHeaders, content_security_policy


def answer(environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b""]


@pytest.mark.parametrize("is_https", [True, False])
def test_every_answer_has_each_header_once(is_https: bool) -> None:
    """R21, R22."""
    sent: list[Any] = []
    SecurityHeaders(answer, is_https=is_https)({}, lambda *told: sent.append(told))
    names = [name for name, _ in sent[0][1]]
    assert len(names) == len(set(names))
    assert {"X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"} <= set(names)
    assert ("Strict-Transport-Security" in names) is is_https


def test_the_policy_allows_no_script_no_frame_and_the_named_form_targets_only() -> None:
    """R21, R24."""
    name, policy = content_security_policy("https://rp.example")
    assert name == "Content-Security-Policy"
    directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"
    assert directives["base-uri"] == "'none'"
    assert directives["form-action"] == "'self' https://rp.example"
    assert "script-src" not in directives
    assert "script-src 'sha256-x'; form-action" in content_security_policy(script_source="'sha256-x'")[1]
    assert content_security_policy()[1].endswith("form-action 'self'")
    assert "frame-src" not in directives


def test_the_policy_of_a_page_after_a_sign_out_lets_the_clients_in_and_changes_nothing_else() -> None:
    """Front-Channel Logout §3."""
    plain = content_security_policy("https://rp.example")[1]
    origins = ["https://a.example", "https://b.example:8443", "https://a.example"]
    policy = content_security_policy("https://rp.example", frame_sources=origins)[1]
    assert "; frame-src https://a.example https://b.example:8443; form-action " in policy
    assert policy.replace("; frame-src https://a.example https://b.example:8443", "") == plain
