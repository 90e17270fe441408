"""The environment as settings: ``IDP_OIDC__CODE_SECONDS=30`` is ``code_seconds = 30`` in ``[oidc]``."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from idp.settings.problem import Problem, SettingsError

PREFIX: Final = "IDP_"
NESTING: Final = "__"
CONFIG_VARIABLE: Final = "IDP_CONFIG"
# An IPv6 address with its port begins like a list, and is never one.
_ADDRESS: Final = re.compile(r"\[[0-9A-Fa-f:.]+\]:[0-9]+")


def parse_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """The keys that the environment sets, as nested tables.

    Takes:   the environment; only names that begin with IDP_ are read, IDP_CONFIG names the file and is left out.
    Returns: strings (their keys' types convert them); a value that begins with ``[`` or ``{`` is read as TOML,
             but for an IPv6 address with its port.
    Raises:  SettingsError: such a value is not TOML, or a name asks for a key below one that has a value already.
    """
    tables: dict[str, Any] = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name == CONFIG_VARIABLE:
            continue
        *path, key = name.removeprefix(PREFIX).lower().split(NESTING)
        table = tables
        for step in path:
            table = table.setdefault(step, {})
            if not isinstance(table, dict):
                raise SettingsError([Problem(name, "another variable gives this table a plain value")])
        table[key] = _parse_value(name, environ[name])
    return tables


def _parse_value(name: str, text: str) -> Any:
    if not text.startswith(("[", "{")) or _ADDRESS.fullmatch(text):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        # The text is not repeated: a variable may hold a secret.
        raise SettingsError([Problem(name, "begins like a list or a table, but is not TOML")]) from None


def merge_tables(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two nested tables as one; where both have a value, the one above wins. Lists are replaced whole."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        merged[key] = merge_tables(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged
