"""Our provider, as an operator runs it: ``idp serve`` on a directory of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from joserfc.jwk import ECKey

from bench.free_port import free_port
from bench.relying_party import RelyingParty
from bench.sandbox import BenchSandbox
from bench.server import Server, running_server

_ROOT: Final = Path(__file__).resolve().parents[1]
_IDP: Final = (sys.executable, "-c", "from idp.cli.main import main; main()")
REDIRECT_URI: Final = "https://rp.example/callback"
# All load comes from one address; the limiter works, but never says no.
LIMITS: Final = {
    f"{group}_per_minute": 100_000_000
    for group in ("authorize", "presenter", "token", "userinfo", "page", "metadata", "client", "unreviewed_client")
}


@contextmanager
def running_provider(
    name: str,
    directory: Path,
    sandbox: BenchSandbox,
    cores: set[int],
    *,
    application_server: Literal["gunicorn", "granian"],
    threads: int,
    database: str | None = None,
    database_pid: int | None = None,
    is_bound: bool = False,
) -> Iterator[tuple[Server, RelyingParty]]:
    """One provider with one worker and one client, for as long as the block lasts."""
    directory.mkdir()
    sandbox.copy_to(directory / "sandbox")
    port = free_port()
    environ = _write_settings(directory, port, database, threads)
    command = [*_IDP, "serve", "--server", application_server]
    with running_server(
        name, command, port, "/readyz", directory=directory, environ=environ, cores=cores, database_pid=database_pid
    ) as server:
        yield server, _add_client(directory, environ, is_bound=is_bound)


def settings_sections(directory: Path, port: int, database: str | None, threads: int) -> dict[str, dict[str, Any]]:
    """The settings that differ from the defaults: places, and the limits."""
    return {
        "web": {"bind": f"127.0.0.1:{port}", "metrics_bind": "", "workers": 1, "threads": threads},
        "stores": {"database": database or f"sqlite:///{directory}/idp.sqlite3"},
        "sandbox": {"directory": str(directory / "sandbox")},
        "limits": LIMITS,
    }


def _write_settings(directory: Path, port: int, database: str | None, threads: int) -> dict[str, str]:
    text = f'environment = "sandbox"\nissuer = "http://127.0.0.1:{port}"\n'
    for section, values in settings_sections(directory, port, database, threads).items():
        text += f"\n[{section}]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items())
    file = directory / "idp.toml"
    file.write_text(text, encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("IDP_", "PYTHON"))}
    return {**clean, "IDP_CONFIG": str(file), "PYTHONPATH": str(_ROOT), "HOME": str(directory)}


def _add_client(directory: Path, environ: dict[str, str], *, is_bound: bool) -> RelyingParty:
    metadata: dict[str, Any] = {"client_name": "計測サイト", "redirect_uris": [REDIRECT_URI], "scope": "openid"}
    key = ECKey.generate_key("P-256", {"use": "sig", "kid": "bench"})
    if is_bound:
        public = {"keys": [key.as_dict(private=False)]}
        metadata |= {"profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": public}
    file = directory / "client.json"
    file.write_text(json.dumps(metadata), encoding="utf-8")
    added = json.loads(
        subprocess.run(
            [*_IDP, "--json", "client", "add", "--file", str(file)], env=environ, cwd=directory, check=True,
            stdout=subprocess.PIPE, timeout=120,
        ).stdout
    )  # fmt: skip
    pem = key.as_pem(private=True) if is_bound else b""
    return RelyingParty(added["client_id"], added.get("client_secret", ""), REDIRECT_URI, pem)
