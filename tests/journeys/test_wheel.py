"""What an operator installs: the wheel with its locked dependencies, run in an empty directory."""

import subprocess
import time
from pathlib import Path

import pytest

from tests.support.headless_person import BackChannel, Request, check_id_token, sign_in
from tests.support.http_browser import HttpBrowser
from tests.support.installation import installed_prefix
from tests.support.running_provider import LIMITS, RunningProvider, free_port

pytestmark = [pytest.mark.journey, pytest.mark.slow]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed_prefix(tmp_path_factory)


def test_installed_wheel_serves_and_signs_in_from_an_empty_directory(installed: Path, tmp_path: Path) -> None:
    """Settings but for a port, which is the machine's, and the limits, are the defaults."""
    empty = tmp_path / "empty"
    empty.mkdir()
    port = free_port()
    settings = {"web": {"bind": f"127.0.0.1:{port}", "metrics_bind": ""}, "limits": LIMITS}
    provider = RunningProvider(
        empty, settings, port=port, issuer=f"http://127.0.0.1:{port}", command=(str(installed / "bin" / "idp"),)
    )
    try:
        provider.start()
        client = provider.add_client("http://localhost:9335/callback")
        request = Request(client)
        page = sign_in(HttpBrowser(provider.issuer), request)
        back_channel = BackChannel(provider.issuer)
        claims = back_channel.claims(back_channel.redeem(request, page.answer["code"]).json()["id_token"])
        provider.stop()
    finally:
        provider.kill()

    check_id_token(claims, issuer=provider.issuer, client_id=client.client_id, nonce=request.nonce, now=time.time())
    assert (empty / "var" / "idp.sqlite3").exists()


def test_installed_program_imports_nothing_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    code = "import idp.wsgi, sys; print(*(m.__file__ for n, m in sys.modules.items() if n.partition('.')[0] == 'idp'))"
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    subprocess.run([installed / "bin" / "idp", "sandbox", "init"], cwd=tmp_path, env=environ, check=True)

    done = subprocess.run(
        [installed / "bin" / "python", "-P", "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    files = done.stdout.split()
    assert len(files) > 50
    assert [file for file in files if not file.startswith(str(installed))] == []
