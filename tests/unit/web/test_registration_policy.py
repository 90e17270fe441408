"""Self-registration as the settings say, or a refusal to start that names the file."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from idp.settings.problem import SettingsError
from idp.settings.registration_section import RegistrationSection, SoftwareStatementSection
from idp.web.registration_policy import make_registration_policy
from tests.unit.oidc.samples import ec_key

PLAIN = ("openid", "offline_access")
KEYS = {"keys": [ec_key("trust").as_dict(private=False)]}


def section(path: Path) -> RegistrationSection:
    issuer = SoftwareStatementSection(issuer="https://trust.example", jwks_file=path)
    return RegistrationSection(mode="token", software_statement=(issuer,), open_lifetime_seconds=3600)


def test_off_is_off() -> None:
    assert make_registration_policy(RegistrationSection()) is None


def test_what_is_set_is_what_holds(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(KEYS), encoding="utf-8")
    policy = make_registration_policy(section(path))
    assert policy is not None
    assert (policy.is_open, policy.open_lifetime) == (False, timedelta(hours=1))
    assert policy.statement_issuers == {"https://trust.example": KEYS}
    opened = make_registration_policy(RegistrationSection(mode="open"))
    assert opened is not None
    assert opened.is_open


@pytest.mark.parametrize(
    ("section", "tries_claims", "scopes"),
    [
        (RegistrationSection(mode="open"), False, PLAIN),
        (RegistrationSection(mode="open"), True, (*PLAIN, "profile", "name", "address", "birthdate", "gender")),
        (RegistrationSection(mode="open", scopes=PLAIN), True, PLAIN),
        (RegistrationSection(mode="open", scopes=("openid", "name")), False, ("openid", "name")),
    ],
)
def test_scopes_of_claims_may_be_registered_where_claims_are_tried_unless_the_operator_says_which(
    section: RegistrationSection, tries_claims: bool, scopes: tuple[str, ...]
) -> None:
    policy = make_registration_policy(section, tries_claims=tries_claims)
    assert policy is not None
    assert policy.scopes == scopes


@pytest.mark.parametrize(
    "text", [None, "", "[]", '{"keys": []}', json.dumps({"keys": [ec_key("trust").as_dict(private=True)]})]
)
def test_keys_that_cannot_be_used_keep_the_process_from_starting(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "jwks.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        make_registration_policy(section(path))
    assert [problem.key for problem in refused.value.problems] == ["registration.software_statement"]
