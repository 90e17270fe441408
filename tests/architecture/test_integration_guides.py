"""What the integration guides tell a developer to set is what this provider advertises and registers."""

import json
import re
from typing import Any

import pytest

from idp.oidc.acr import supported_acr_values
from idp.oidc.discovery import provider_metadata
from idp.settings.sandbox_default import SANDBOX_ISSUER
from tests.support.guide import FOLDER, STACKS, code_blocks, guide_file, registration_command
from tests.unit.assurance.samples import make_policy

ALGORITHM = re.compile(r"\b(?:[REP]S(?:256|384|512)|EdDSA|HS256)\b")
METHOD = re.compile(r"\b(client_secret_\w+|private_key_jwt)\b")
ISSUER = re.compile(r"http://127\.0\.0\.1[:\w./-]*")
SCOPE = re.compile(r"""(?:scope: '?|"scope": "|Scope\.Add\("|Scopes: +\[\]string\{"|addScope\(\[')([a-z_ ]+)""")
ASKED = re.compile(r'\{\\?"userinfo".*?\}\}\}\}', re.DOTALL)
OTHERS = ("java", "go", "php", "dotnet")


@pytest.fixture(scope="module")
def metadata() -> dict[str, Any]:
    return provider_metadata(SANDBOX_ISSUER, is_sandbox=True, op_policy_uri="", claims_policy=make_policy())


def settings_of(stack: str) -> str:
    """All code of a guide but comments."""
    return "\n".join(re.sub(r"(?m)(?:#| //) .*$", "", text) for _, text in code_blocks(stack))


def test_there_is_a_guide_for_every_stack_and_the_first_page_names_it() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.md")) == sorted([*STACKS, "README"])
    assert all(f"]({stack}.md)" in (FOLDER / "README.md").read_text(encoding="utf-8") for stack in STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_algorithms_methods_and_scopes_are_advertised(stack: str, metadata: dict[str, Any]) -> None:
    text = settings_of(stack)
    assert set(ALGORITHM.findall(text)) <= set(metadata["id_token_signing_alg_values_supported"])
    assert set(METHOD.findall(text)) <= set(metadata["token_endpoint_auth_methods_supported"])
    scopes = {scope for found in SCOPE.findall(text) for scope in found.split()}
    assert scopes <= set(metadata["scopes_supported"])
    assert stack == "php" or "openid" in scopes  # that library adds it by itself
    assert metadata["claims_parameter_supported"] is True


@pytest.mark.parametrize("stack", OTHERS)
def test_issuer_is_the_sandboxs_to_the_letter(stack: str, metadata: dict[str, Any]) -> None:
    named = set(ISSUER.findall(settings_of(stack)))
    assert metadata["issuer"] in named
    assert named <= {metadata["issuer"], *supported_acr_values(metadata["issuer"])}


@pytest.mark.parametrize("stack", STACKS)
def test_pkce_is_turned_on(stack: str) -> None:
    turned_on = {
        "python": '"code_challenge_method": "S256"', "node": "code_challenge_method: 'S256'", "java": "withPkce()",
        "go": "oauth2.S256ChallengeOption(", "php": "setCodeChallengeMethod('S256')", "dotnet": "UsePkce = true",
    }  # fmt: skip
    assert turned_on[stack] in settings_of(stack)


@pytest.mark.parametrize("stack", STACKS)
def test_the_level_is_compared_with_one_that_is_reached(stack: str) -> None:
    text = settings_of(stack) if stack != "java" else guide_file(stack).read_text(encoding="utf-8")
    assert "/acr/user-authentication" in text or 'getClaimAsString("acr")' in text
    assert SANDBOX_ISSUER + "/acr/user-authentication" in supported_acr_values(SANDBOX_ISSUER)


@pytest.mark.parametrize("stack", ["README", "java", "go", "dotnet"])
def test_the_claims_that_are_asked_for_are_json_that_is_released(stack: str, metadata: dict[str, Any]) -> None:
    asked = json.loads(ASKED.search(guide_file(stack).read_text(encoding="utf-8"))[0])  # type: ignore[index]
    wanted = asked["userinfo"]["verified_claims"]
    assert set(wanted["claims"]) <= set(metadata["claims_in_verified_claims_supported"])
    assert "trust_framework" in wanted["verification"]


@pytest.mark.parametrize("stack", STACKS)
def test_the_algorithm_expected_is_the_one_registered(stack: str) -> None:
    arguments = registration_command(stack)
    option = "--id-token-signed-response-alg"
    registered = arguments[arguments.index(option) + 1] if option in arguments else "ES256"
    expected = set(ALGORITHM.findall(settings_of(stack))) or {"ES256"}  # Authlib takes it from the metadata
    assert expected == {registered}


def test_a_confidential_client_of_aspnet_is_registered_for_the_method_its_handler_uses() -> None:
    arguments = registration_command("dotnet")
    assert arguments[arguments.index("--token-endpoint-auth-method") + 1] == "client_secret_post"
