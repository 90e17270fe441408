"""Debian's Apache with mod_auth_openidc on a loopback port: a page that only a signed-in person gets."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.running_provider import RegisteredClient

_MODULES = Path("/usr/lib/apache2/modules")
_START_LIMIT_SECONDS = 20.0
_CLAIMS = ("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr")

_CONFIGURATION = """\
ServerName localhost
ServerRoot {directory}
PidFile {directory}/apache.pid
ErrorLog {directory}/error.log
LogLevel warn auth_openidc:info
Listen 127.0.0.1:{port}
{modules}
{user}
TypesConfig /dev/null
DocumentRoot {site}
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCRedirectURI http://localhost:{port}/protected/callback
OIDCCryptoPassphrase {passphrase}
OIDCScope "openid"
OIDCPKCEMethod S256
OIDCIDTokenSignedResponseAlg {algorithm}
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCPassClaimsAs environment
OIDCPassIDTokenAs claims
OIDCCacheType shm
<Directory {site}>
  Options +Includes
  AddType text/html .shtml
  AddOutputFilter INCLUDES .shtml
  Require all granted
</Directory>
<Location /protected>
  AuthType openid-connect
  Require valid-user
</Location>
"""


def check_installed() -> None:
    """Establish that Apache and the module are there, or fail the test with the line to run."""
    if shutil.which("apache2", path="/usr/sbin:/usr/bin") is None or not (_MODULES / "mod_auth_openidc.so").exists():
        pytest.fail("run: apt-get install -y --no-install-recommends apache2 libapache2-mod-auth-openidc")


@contextmanager
def running_apache(
    directory: Path, port: int, issuer: str, client: RegisteredClient, *, algorithm: str = "ES256"
) -> Iterator[str]:
    """A protected page at ``/protected/claims.shtml`` that prints one claim a line; the site's origin."""
    check_installed()
    # Not in pytest's directory: as root, Apache's workers become somebody who may not enter it.
    site = Path(tempfile.mkdtemp(prefix="apache-site-", dir="/tmp"))
    site.chmod(0o755)
    (site / "protected").mkdir()
    lines = [f'{name} <!--#echo var="OIDC_CLAIM_{name}" -->' for name in _CLAIMS]
    (site / "protected" / "claims.shtml").write_text("\n".join(lines) + "\n", encoding="ascii")
    names = ["mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "include", "auth_openidc"]
    modules = "\n".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in names)
    configuration = directory / "apache.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            directory=directory, site=site, port=port, modules=modules, issuer=issuer, client_id=client.client_id,
            client_secret=client.client_secret, passphrase=secrets.token_urlsafe(24), algorithm=algorithm,
            user="User www-data\nGroup www-data" if os.geteuid() == 0 else "",
        ),
        encoding="utf-8",
    )  # fmt: skip
    configuration.chmod(0o600)
    with (directory / "apache.out").open("wb") as output:
        process = subprocess.Popen(
            ["/usr/sbin/apache2", "-d", str(directory), "-f", str(configuration), "-DFOREGROUND"],
            stdout=output, stderr=output, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    origin = f"http://localhost:{port}"
    try:
        _wait_for_start(process, origin, directory)
        yield origin
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(site)


def _wait_for_start(process: subprocess.Popen[bytes], origin: str, directory: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT_SECONDS
    while True:
        try:
            httpx.get(origin, timeout=5, trust_env=False)
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > deadline:
                logs = [
                    file.read_text() for file in (directory / "apache.out", directory / "error.log") if file.exists()
                ]
                pytest.fail("Apache did not start:\n" + "\n".join(logs)[-3000:])
            time.sleep(0.05)
        else:
            return
