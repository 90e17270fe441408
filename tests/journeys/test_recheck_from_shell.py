"""As an operator tries it at a shell: revoke a test person, run the job, and a live refresh token is dead."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.headless_person import BackChannel, Request, sign_in
from tests.support.http_browser import HttpBrowser
from tests.support.running_provider import RunningProvider, running_sandbox

pytestmark = [pytest.mark.journey, pytest.mark.slow]

REDIRECT_URI = "http://localhost:9333/callback"
OFFLINE = {"scope": "openid offline_access", "prompt": "consent"}
_IDP = "from idp.cli.main import main; main()"


@contextmanager
def answering(provider: RunningProvider, command: str) -> Iterator[dict[str, Any]]:
    """``idp sandbox responder`` or ``operator`` on a free port; what it printed."""
    with subprocess.Popen(
        [sys.executable, "-c", _IDP, "--json", "sandbox", command, "--port", "0"],
        env=provider.environ, cwd=provider.directory, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            text = ""
            while (line := process.stdout.readline()) and line.rstrip() != "}":
                text += line
            yield json.loads(text + "}")
        finally:
            os.kill(process.pid, signal.SIGTERM)
            process.wait(20)


def settings_of(command: str, printed: dict[str, Any]) -> dict[str, str]:
    if command == "responder":
        # No answer is kept: the test has no fifteen minutes.
        return {**printed["environment"], "IDP_JPKI__OCSP_CACHE_SECONDS": "0"}
    return {
        "IDP_JPKI__REVOCATION": '["operator"]',
        "IDP_OPERATOR_PLATFORM__URL": printed["url"],
        "IDP_OPERATOR_PLATFORM__LINKAGE": "true",
    }


@pytest.mark.parametrize(("command", "source"), [("responder", "ocsp"), ("operator", "operator")])
def test_revoked_at_the_shell_a_refresh_token_dies_within_one_run_of_the_job(
    command: str, source: str, tmp_path: Path, prototype: Path
) -> None:
    with running_sandbox(tmp_path / "idp", prototype, start=False) as provider, answering(provider, command) as printed:
        provider.environ.update(settings_of(command, printed))
        provider.start()
        client = provider.add_client(REDIRECT_URI)
        back_channel = BackChannel(provider.issuer)
        tokens = {}
        for person in ("hanako", "taro"):
            request = Request(client, OFFLINE)
            page = sign_in(HttpBrowser(provider.issuer), request, person=person)
            tokens[person] = back_channel.redeem(request, page.answer["code"]).json()["refresh_token"]
        counts = provider.idp("job", "revocation-recheck")
        assert (counts["good"], counts["revoked"]) == (2, 0)

        provider.idp("sandbox", "revoke", "--person", "hanako")
        counts = provider.idp("job", "revocation-recheck")

        assert (counts["good"], counts["revoked"], counts["unanswered"]) == (1, 1, 0)
        refused, refreshed = (
            back_channel.token(client, grant_type="refresh_token", refresh_token=tokens[person])
            for person in ("hanako", "taro")
        )
        assert refused.json()["error"] == "invalid_grant"
        assert refreshed.status_code == 200
        with closing(sqlite3.connect(provider.directory / "idp.sqlite3")) as database:
            rows = database.execute("SELECT outcome FROM audit_events WHERE event = 'credential_revoked'").fetchall()
        assert rows == [(source,)]
        (answer,) = [each for each in provider.idp("doctor") if each["key"] == "revocation.recheck"]
        assert answer["state"] == "ok"
