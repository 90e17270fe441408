"""File and environment become settings, or a list of problems with key and line."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.settings.load import load_settings
from idp.settings.problem import SettingsError
from tests.unit.settings.production_files import production_tables, write_secret

SANDBOX = 'environment = "sandbox"\nissuer = "http://localhost:8000"\n'


def write(directory: Path, text: str) -> Path:
    path = directory / "idp.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path | None, environ: dict[str, str] | None = None) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_settings(path, environ or {})
    return caught.value


def test_nothing_given_is_a_sandbox_on_this_machine() -> None:
    settings = load_settings(None, {})
    assert settings.is_sandbox
    assert settings.issuer == "http://127.0.0.1:8000"
    assert settings.sandbox is not None


def test_a_file_has_to_say_which_environment_it_is_for(tmp_path: Path) -> None:
    problems = refusal(write(tmp_path, 'issuer = "https://id.example"\n')).problems
    assert [problem.key for problem in problems] == ["environment"]


def test_config_variable_names_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, SANDBOX + "[oidc]\ncode_seconds = 30\n")
    assert load_settings(None, {"IDP_CONFIG": str(path)}).oidc.code_seconds == 30


def test_an_absent_file_is_refused_by_name(tmp_path: Path) -> None:
    assert refusal(tmp_path / "absent.toml").problems[0].key == str(tmp_path / "absent.toml")


@pytest.mark.parametrize("content", [b"\xff", b"[oidc", b"issuer = 1 2"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "idp.toml"
    path.write_bytes(content)
    assert len(refusal(path).problems) == 1


def test_environment_wins_over_the_file_key_by_key(tmp_path: Path) -> None:
    path = write(tmp_path, SANDBOX + "[oidc]\ncode_seconds = 30\naccess_token_seconds = 60\n")
    settings = load_settings(path, {"IDP_OIDC__CODE_SECONDS": "20"})
    assert (settings.oidc.code_seconds, settings.oidc.access_token_seconds) == (20, 60)


def test_unknown_key_is_refused_with_its_line(tmp_path: Path) -> None:
    (problem,) = refusal(write(tmp_path, SANDBOX + "[oidc]\ncode_seconds = 30\ncode_second = 30\n")).problems
    assert (problem.key, problem.line) == ("oidc.code_second", 5)


def test_unknown_section_is_refused_with_its_line(tmp_path: Path) -> None:
    (problem,) = refusal(write(tmp_path, SANDBOX + "\n[oicd]\ncode_seconds = 30\n")).problems
    assert (problem.key, problem.line) == ("oicd", 4)


def test_unknown_variable_is_refused() -> None:
    assert refusal(None, {"IDP_OIDC__CODE_SECOND": "30"}).problems[0].key == "oidc.code_second"


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = SANDBOX + "[oidc]\ncode_seconds = 61\nrefresh_grace_seconds = 61\n[web]\nbind = 'x'\nthreads = true\n"
    assert {problem.key for problem in refusal(write(tmp_path, text)).problems} == {
        "oidc.code_seconds", "oidc.refresh_grace_seconds", "web.bind", "web.threads",
    }  # fmt: skip


def test_a_problem_in_a_list_of_tables_names_the_entry_and_its_line(tmp_path: Path) -> None:
    text = SANDBOX + f"[[jpki.crl]]\nanchor = '{'ab' * 32}'\nsource = '/a'\n[[jpki.crl]]\nanchor = 'x'\nsource = '/b'\n"
    (problem,) = refusal(write(tmp_path, text)).problems
    assert (problem.key, problem.line) == ("jpki.crl[1].anchor", 7)


@pytest.mark.parametrize(
    "types",
    [
        'type = "x"\nja = "a"\nen = "b"\n[[oidc.authorization_details]]\ntype = "x"\nja = "a"\nen = "b"\n',
        'type = "x y"\nja = "a"\nen = "b"\n',
        'type = "x"\nja = ""\nen = "b"\n',
        'type = "x"\nja = "a\\nb"\nen = "b"\n',
        'type = "x"\nja = "a"\nen = " b"\n',
        'type = "x"\nja = "a\\u202e"\nen = "b"\n',
        'type = "x"\nen = "b"\n',
        'type = "x"\nja = "a"\nen = "b"\nmembers = ["type"]\n',
        'type = "x"\nja = "a"\nen = "b"\nmembers = ["a", "a"]\n',
        'type = "x"\nja = "a"\nen = "b"\nmembers = ["a b"]\n',
    ],
)
def test_a_type_of_details_that_nobody_could_ask_for_is_refused(tmp_path: Path, types: str) -> None:
    problems = refusal(write(tmp_path, SANDBOX + "[[oidc.authorization_details]]\n" + types)).problems
    assert all(problem.key.startswith("oidc.authorization_details") for problem in problems)
    assert problems


def test_plain_http_to_another_machine_is_refused_in_a_sandbox_too(tmp_path: Path) -> None:
    text = SANDBOX.replace("localhost", "sandbox.example")
    (problem,) = refusal(write(tmp_path, text)).problems
    assert (problem.key, problem.line) == ("issuer", 2)


def test_idle_session_cannot_outlive_the_session() -> None:
    problems = refusal(None, {"IDP_SIGNIN__SESSION_IDLE_SECONDS": "28801"}).problems
    assert [problem.key for problem in problems] == ["signin.session_idle_seconds"]


def test_no_status_source_is_for_a_sandbox() -> None:
    assert load_settings(None, {"IDP_JPKI__REVOCATION": "[]"}).jpki.revocation == ()


def test_production_problems_come_with_their_lines(tmp_path: Path) -> None:
    text = 'environment = "production"\nissuer = "https://id.example"\n[web]\ntrusted_proxies = ["::/0"]\n[sandbox]\n'
    lines = {problem.key: problem.line for problem in refusal(write(tmp_path, text)).problems}
    assert lines["web.trusted_proxies[0]"] == 4
    assert lines["sandbox"] == 5
    assert lines["operator.name"] is None


def test_production_without_a_file_gets_no_default_issuer() -> None:
    assert "issuer" in {problem.key for problem in refusal(None, {"IDP_ENVIRONMENT": "production"}).problems}


def test_production_gets_nothing_that_a_sandbox_fills_in(tmp_path: Path) -> None:
    tables = production_tables(tmp_path)
    environ = {
        "IDP_ENVIRONMENT": "production",
        "IDP_ISSUER": tables["issuer"],
        "IDP_STORES__DATABASE": tables["stores"]["database"],
        "IDP_KEYS__KEY_ENCRYPTION_KEY_FILE": tables["keys"]["key_encryption_key_file"],
    }
    refused = {problem.key for problem in refusal(None, environ).problems}
    assert refused == {
        "operator.name", "operator.contact", "operator.privacy_notice", "operator.purpose_of_use",
        "jpki.user_authentication_anchors", "jpki.digital_signature_anchors", "jpki.crl", "jpki.crl_index_directory",
        "identity.lookup_key",
    }  # fmt: skip


def test_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    text = SANDBOX + "[stores]\ndatabase_password = 'hunter2'\n"
    error = refusal(write(tmp_path, text))
    assert (error.problems[0].key, error.problems[0].line) == ("stores.database_password", 4)
    assert "hunter2" not in str(error)


def test_password_in_the_database_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, SANDBOX + "[stores]\ndatabase = 'postgresql://idp:hunter2@db/idp'\n"))
    assert error.problems[0].key == "stores.database"
    assert "hunter2" not in str(error)


def test_password_comes_from_its_file_or_from_the_environment(tmp_path: Path) -> None:
    file = write_secret(tmp_path / "password", "correct horse")
    from_file = load_settings(None, {"IDP_STORES__DATABASE_PASSWORD_FILE": str(file)})
    from_environment = load_settings(None, {"IDP_STORES__DATABASE_PASSWORD": "correct horse"})
    for settings in (from_file, from_environment):
        assert settings.stores.database_password is not None
        assert settings.stores.database_password.get_secret_value() == "correct horse"
        assert "correct horse" not in repr(settings)


def test_two_passwords_are_refused(tmp_path: Path) -> None:
    file = write_secret(tmp_path / "password", "correct horse")
    environ = {"IDP_STORES__DATABASE_PASSWORD_FILE": str(file), "IDP_STORES__DATABASE_PASSWORD": "another"}
    assert refusal(None, environ).problems[0].key == "stores.database_password_file"


def test_transient_state_lies_beside_the_database_unless_named() -> None:
    for database, transient in [
        ("sqlite:////srv/idp/idp.sqlite3", "sqlite:////srv/idp/transient.sqlite3"),
        ("sqlite:///idp.sqlite3", "sqlite:///transient.sqlite3"),
        ("postgresql://idp@db/idp", "postgresql://idp@db/idp"),
    ]:
        assert load_settings(None, {"IDP_STORES__DATABASE": database}).stores.transient == transient
    environ = {"IDP_STORES__DATABASE": "postgresql://idp@db/idp", "IDP_STORES__TRANSIENT": "sqlite:////tmp/t"}
    assert load_settings(None, environ).stores.transient == "sqlite:////tmp/t"


def test_sandbox_files_follow_its_directory() -> None:
    settings = load_settings(None, {"IDP_SANDBOX__DIRECTORY": "/srv/try"})
    assert settings.keys.key_encryption_key_file == Path("/srv/try/key-encryption-key")
    assert settings.identity.lookup_key[0].file == Path("/srv/try/lookup-key")
    assert settings.jpki.user_authentication_anchors == Path("/srv/try/trust/user-authentication")


def test_settings_cannot_be_changed() -> None:
    settings = load_settings(None, {})
    with pytest.raises(ValueError, match="frozen"):
        settings.oidc.code_seconds = 1


def test_loading_reads_only_the_environment_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "IDP_OIDC__CODE_SECONDS", "7")
    assert load_settings(None, {}).oidc.code_seconds == 60


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
)
SECTIONS = st.sampled_from(["issuer", "web", "oidc", "jpki", "stores", "sandbox", "x.y"])


@given(tables=st.dictionaries(SECTIONS, VALUES))
def test_whatever_the_file_says_only_settings_errors_come_out(
    tmp_path_factory: pytest.TempPathFactory, tables: dict[str, object]
) -> None:
    # Objects of JSON are nearly inline tables of TOML; what is not TOML is a case too.
    text = "\n".join(f"{key} = {json.dumps(value).replace(': ', ' = ')}" for key, value in tables.items())
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(SANDBOX + text, encoding="utf-8")
    try:
        load_settings(path, {})
    except SettingsError as error:
        assert error.problems
