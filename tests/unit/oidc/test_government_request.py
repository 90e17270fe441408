"""A client of the government's provider keeps its request; what the page about it says is what happens."""

import re
from pathlib import Path

import pytest

from idp.oidc.acr import IGNORED_VALUES, choose_acr, supported_acr_values
from idp.oidc.authorization_request import grantable_scopes, identify, parse_authorization_request
from idp.oidc.discovery import AUTH_METHODS, GRANT_TYPES, PROMPTS, provider_metadata
from idp.oidc.response_mode import RESPONSE_MODES
from tests.unit.assurance.samples import make_policy
from tests.unit.oidc.memory_stores import MemoryClients
from tests.unit.oidc.samples import (
    CODE_CHALLENGE,
    ISSUER,
    REDIRECT_URI,
    USER_AUTHENTICATION,
    RealSigner,
    encode,
    make_client,
)

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGES = [DOCS / f"coming-from-the-government-provider{suffix}.md" for suffix in ("", ".ja")]
SCOPES = ("openid", "name", "address", "birthdate", "gender")
ITS_REQUEST = {
    "response_type": "code",
    "scope": " ".join(SCOPES),
    "client_id": "RP00000001",
    "redirect_uri": REDIRECT_URI,
    "state": "0123456789abcdef",
    "nonce": "fedcba9876543210",
    "code_challenge": CODE_CHALLENGE,
    "code_challenge_method": "S256",
    "acr_values": "aal3 crl",
    "sign_transaction_id": "2c6fb585-d51b-465a-9dca-b8cd22a11451",
}


def rows(page: Path) -> list[list[list[str]]]:
    """The tables of a page: rows of cells, the heads left out."""
    tables = re.findall(r"(?:^\|.*\n)+", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [[[cell.strip() for cell in line.strip("|").split("|")] for line in t.splitlines()[2:]] for t in tables]


def column(page: Path, table: int) -> dict[str, str]:
    """What is said of ours, by the word in the first column."""
    return {row[0].strip("`"): row[2] for row in rows(page)[table]}


def words(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def test_its_request_is_accepted_as_it_is() -> None:
    parameters = encode(**ITS_REQUEST)
    client, redirect = identify(parameters, MemoryClients(make_client(client_id="RP00000001", scope=SCOPES)))
    request = parse_authorization_request(
        parameters, client, redirect, id_token_hints=RealSigner(), claims_policy=make_policy()
    )
    assert request.scope == SCOPES
    assert request.acr_values == ("aal3", "crl")
    assert choose_acr(USER_AUTHENTICATION, request.acr_values, ISSUER) == "aal3"


def test_a_card_without_a_known_status_is_not_called_aal3() -> None:
    assert choose_acr(f"{USER_AUTHENTICATION}-unchecked", ("aal3", "crl"), ISSUER) == f"{USER_AUTHENTICATION}-unchecked"


def test_both_pages_have_the_same_tables() -> None:
    english, japanese = (rows(page) for page in PAGES)
    assert [len(table) for table in english] == [len(table) for table in japanese]
    for table, same in zip(english, japanese, strict=True):
        for row, twin in zip(table, same, strict=True):
            assert [words(cell) for cell in row] == [words(cell) for cell in twin]


@pytest.mark.parametrize("page", PAGES, ids=["en", "ja"])
def test_addresses_and_tokens_are_those_of_the_metadata(page: Path) -> None:
    metadata = provider_metadata("{issuer}", is_sandbox=False, op_policy_uri="")
    ours = {word for row in rows(page)[0][1:] for word in words(row[2])}
    assert ours == {value for name, value in metadata.items() if name.endswith("_endpoint")} | {metadata["jwks_uri"]}
    authentication, _, id_token, *_ = rows(page)[4]
    assert words(authentication[2]) | words(authentication[1]) == set(AUTH_METHODS)
    named = set(re.findall(r"\b(?:[EPR]S256|EdDSA)\b", f"{id_token[1]} {id_token[2]}"))
    assert named == set(metadata["id_token_signing_alg_values_supported"])
    assert "client_credentials" not in GRANT_TYPES


@pytest.mark.parametrize("page", PAGES, ids=["en", "ja"])
def test_parameters_scopes_and_levels_are_those_that_work(page: Path) -> None:
    parameters, scopes, levels = column(page, 1), column(page, 2), column(page, 3)
    assert set(ITS_REQUEST) < set(parameters)
    assert words(parameters["prompt"]) == set(PROMPTS)
    assert words(parameters["response_mode"]) == set(RESPONSE_MODES)
    assert set(scopes) - {"sign"} == set(grantable_scopes(make_policy())) - {"profile"}
    assert set(levels) == {*supported_acr_values("{issuer}"), *IGNORED_VALUES}
