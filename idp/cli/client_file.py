"""Metadata of clients out of a file, under the names of OIDC Registration §2."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from idp.cli.failure import Refused

_LIMIT_BYTES: Final = 1 << 20


def read_client_file(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The clients of a file, unchecked: TOML with ``[[client]]`` tables, or JSON with one object or a list of them.

    Raises: Refused: the file has another form.
    """
    try:
        text = path.read_bytes()[:_LIMIT_BYTES].decode("utf-8")
        document = tomllib.loads(text).get("client") if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise Refused(f"{path} is not {path.suffix.removeprefix('.').upper() or 'JSON'}: {error}") from None
    members = [document] if isinstance(document, dict) else document
    if not isinstance(members, list) or not members or not all(isinstance(member, dict) for member in members):
        raise Refused(f"{path}: [[client]] tables, a JSON object or a list of objects are expected")
    return tuple(members)
