"""From the operator's file and the environment to checked settings, or to the list of what is wrong."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from idp.settings.environment import CONFIG_VARIABLE, merge_tables, parse_environment
from idp.settings.problem import Problem, SettingsError
from idp.settings.production import find_production_problems
from idp.settings.sandbox_default import SANDBOX_ISSUER, make_sandbox_defaults
from idp.settings.secret_file import SecretFileUnusable, read_secret_file
from idp.settings.settings import Settings
from idp.settings.source_line import find_source_line
from idp.settings.value import is_loopback

_Path = tuple[str | int, ...]


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings that this process may start with.

    Takes:   path, the file, or None for the one that IDP_CONFIG names; with neither, a sandbox on this machine.
    Returns: frozen settings. The environment wins over the file, key by key.
    Raises:  SettingsError: every problem found, with key and line: unknown keys, values of another kind, and in
             production the reasons of ``idp.settings.production``.
    Effect:  reads the file and the secrets it names; writes nothing.
    """
    if path is None and environ.get(CONFIG_VARIABLE):
        path = Path(environ[CONFIG_VARIABLE])
    text = _read(path) if path is not None else ""
    from_file = _parse(text)
    _check_no_secret_in_file(from_file, text)
    given = merge_tables(from_file, parse_environment(environ))
    if path is None and given.get("environment", "sandbox") == "sandbox":
        given = merge_tables({"environment": "sandbox", "issuer": SANDBOX_ISSUER}, given)
    try:
        settings = Settings.model_validate(_complete(given))
    except ValidationError as error:
        raise SettingsError(_explain(error, text)) from None
    problems = tuple(_find_problems(settings))
    if problems:
        raise SettingsError(_with_lines(problems, text))
    return _with_password(settings)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError([Problem(str(path), error.strerror or "cannot be read")]) from None
    except UnicodeDecodeError:
        raise SettingsError([Problem(str(path), "is not UTF-8 text")]) from None


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([Problem("file", f"is not TOML: {error}")]) from None


def _check_no_secret_in_file(tables: Mapping[str, Any], text: str) -> None:
    stores = tables.get("stores")
    if isinstance(stores, dict) and "database_password" in stores:
        path = ("stores", "database_password")
        reason = "a secret does not belong in this file; use database_password_file or the environment"
        raise SettingsError([Problem("stores.database_password", reason, find_source_line(text, path))])


def _complete(given: dict[str, Any]) -> dict[str, Any]:
    if given.get("environment") == "sandbox":
        given = merge_tables(make_sandbox_defaults(given), given)
    stores = given.get("stores")
    if isinstance(stores, dict) and "transient" not in stores and isinstance(stores.get("database"), str):
        given = merge_tables(given, {"stores": {"transient": _beside(stores["database"])}})
    return given


def _beside(database: str) -> str:
    # One PostgreSQL carries both; two SQLite files lie in one folder.
    if not database.startswith("sqlite:///"):
        return database
    folder, slash, _ = database.removeprefix("sqlite:///").rpartition("/")
    return f"sqlite:///{folder}{slash}transient.sqlite3"


def _find_problems(settings: Settings) -> Iterator[Problem]:
    if settings.signin.session_idle_seconds > settings.signin.session_absolute_seconds:
        yield Problem("signin.session_idle_seconds", "is longer than session_absolute_seconds")
    if not settings.is_sandbox:
        yield from find_production_problems(settings)
        return
    if settings.issuer.startswith("http://") and not is_loopback(settings.issuer):
        yield Problem("issuer", "plain http is for this machine only (localhost, 127.0.0.1, [::1])")


def _with_password(settings: Settings) -> Settings:
    file = settings.stores.database_password_file
    if file is None:
        return settings
    if settings.stores.database_password is not None:
        raise SettingsError([Problem("stores.database_password_file", "the environment gives the password as well")])
    try:
        password = SecretStr(read_secret_file(file))
    except SecretFileUnusable as error:
        raise SettingsError([Problem("stores.database_password_file", str(error))]) from None
    stores = settings.stores.model_copy(update={"database_password": password})
    return settings.model_copy(update={"stores": stores})


def _explain(error: ValidationError, text: str) -> Iterator[Problem]:
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        path: _Path = detail["loc"]
        reason = "is not a key that exists" if detail["type"] == "extra_forbidden" else _plain(detail["msg"])
        yield Problem(_dotted(path), reason, find_source_line(text, path))


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return "is missing" if message == "Field required" else message[:1].lower() + message[1:]


def _dotted(path: _Path) -> str:
    dotted = ""
    for step in path:
        dotted += f"[{step}]" if isinstance(step, int) else f".{step}" if dotted else step
    return dotted


def _with_lines(problems: tuple[Problem, ...], text: str) -> Iterator[Problem]:
    for problem in problems:
        steps = problem.key.replace("[", ".").replace("]", "").split(".")
        path: _Path = tuple(int(step) if step.isdigit() else step for step in steps)
        yield Problem(problem.key, problem.text, find_source_line(text, path))
