"""The programs of the integration guides, run as they stand there, and every guide's registration."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.interop.test_openid_client import HERE, find_node
from tests.support.guide import STACKS, guide_file, registration_command, the_program
from tests.support.headless_person import finish
from tests.support.http_browser import HttpBrowser
from tests.support.running_provider import RunningProvider, free_port, wait_for_answer

pytestmark = [pytest.mark.interop, pytest.mark.journey]
SHOWN_ORIGIN = "http://localhost:9000"


@pytest.mark.parametrize("stack", STACKS)
def test_the_command_of_a_guide_registers_its_client(provider: RunningProvider, stack: str) -> None:
    added = provider.idp(*registration_command(stack))
    assert added["client_secret"]
    assert added["redirect_uris"] == [word for word in registration_command(stack) if word.startswith(SHOWN_ORIGIN)]


@contextmanager
def site_of(stack: str, provider: RunningProvider, directory: Path) -> Iterator[str]:
    """A guide's site on a free port of this machine, registered as the guide says but for the port."""
    origin = f"http://localhost:{free_port()}"
    arguments = [word.replace(SHOWN_ORIGIN, origin) for word in registration_command(stack)]
    client = provider.idp(*arguments)
    environ = {
        **os.environ, "ISSUER": provider.issuer, "ORIGIN": origin, "SESSION_KEY": os.urandom(32).hex(),
        "CLIENT_ID": client["client_id"], "CLIENT_SECRET": client["client_secret"],
    }  # fmt: skip
    command = prepare_python(directory, origin) if stack == "python" else prepare_node(directory)
    with (directory / "site.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=directory, env=environ, stdout=log, stderr=log)
    try:
        wait_for_answer(origin, process, directory / "site.log")
        yield origin
    finally:
        process.terminate()
        process.wait(10)


def prepare_python(directory: Path, origin: str) -> list[str]:
    name = "my_site"
    assert f"`flask --app {name} run" in guide_file("python").read_text(encoding="utf-8")
    (directory / f"{name}.py").write_text(the_program("python", "python"), encoding="utf-8")
    port = origin.rpartition(":")[2]
    return [sys.executable, "-m", "flask", "--app", name, "run", "--host", "localhost", "--port", port]


def prepare_node(directory: Path) -> list[str]:
    node = find_node()
    (directory / "site.mjs").write_text(the_program("node", "js"), encoding="utf-8")
    (directory / "node_modules").symlink_to(HERE / "node_modules")
    return [node, "site.mjs"]


def shown(site: HttpBrowser) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.get(site.issuer, cookies=site.cookies, trust_env=False, timeout=30).json()
    return answer


@pytest.mark.parametrize("stack", ["python", "node"])
def test_the_program_of_a_guide_signs_a_person_in_and_out(
    provider: RunningProvider, tmp_path: Path, stack: str
) -> None:
    with site_of(stack, provider, tmp_path) as origin:
        site, browser = HttpBrowser(origin), HttpBrowser(provider.issuer)
        begun = site.open("/login")
        assert begun.left_for is not None, begun.html
        assert "claims=" in begun.left_for
        returned = finish(browser, browser.open(begun.left_for))
        assert returned.left_for is not None
        site.open(returned.left_for)
        signed_in = shown(site)
        assert len(signed_in["sub"]) == 43, (tmp_path / "site.log").read_text()
        site.open("/logout", form={})
        assert shown(site)["sub"] is None


@pytest.mark.parametrize("stack", ["python", "node"])
def test_u3_the_program_of_a_guide_takes_no_answer_of_another_provider(
    provider: RunningProvider, tmp_path: Path, stack: str
) -> None:
    with site_of(stack, provider, tmp_path) as origin:
        site, browser = HttpBrowser(origin), HttpBrowser(provider.issuer)
        begun = site.open("/login")
        assert begun.left_for is not None
        returned = finish(browser, browser.open(begun.left_for))
        assert returned.left_for is not None
        genuine = httpx.URL(returned.left_for)
        refused = site.open(str(genuine.copy_set_param("iss", "https://evil.example")))
        assert refused.status in (400, 403)
        assert shown(site)["sub"] is None


@pytest.mark.parametrize("stack", ["python", "node"])
def test_the_program_of_a_guide_takes_no_answer_that_it_did_not_ask_for(
    provider: RunningProvider, tmp_path: Path, stack: str
) -> None:
    with site_of(stack, provider, tmp_path) as origin:
        site = HttpBrowser(origin)
        site.open("/login")
        refused = site.open(f"/callback?code=forged&state=forged&iss={provider.issuer}")
        assert refused.status in (400, 403)
        assert shown(site)["sub"] is None
