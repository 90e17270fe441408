"""Which providers this machine talks to: an administrator's file and the person's own, never a link.

A file holds ``issuers = ["https://login.example.jp"]`` and nothing else. Protocol §1.1, §2.
"""

import ipaddress
import json
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from mynumber_card_agent.outcomes import AgentError, Outcome

FILE_NAME: Final = "issuers.toml"
_FILE_LIMIT_BYTES: Final = 64 * 1024
_ISSUER: Final = re.compile(
    r"(?:https|http)://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*"
)


def is_loopback_host(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_issuer(issuer: str) -> None:
    """Establish that a text can be an issuer: the form in which it will be compared, character by character.

    Raises: AgentError(CONFIGURATION): a trailing slash, a query, upper case in the host, http beyond loopback …
    Source: protocol §2; OIDC Discovery §3 (https, no query, no fragment).
    """
    if len(issuer) > 255 or _ISSUER.fullmatch(issuer) is None:
        raise AgentError(Outcome.CONFIGURATION, "not an issuer: https, lower-case host, no trailing slash, no query")
    try:
        parts = urlsplit(issuer)
        port, host = parts.port, parts.hostname or ""
    except ValueError as error:
        raise AgentError(Outcome.CONFIGURATION, "not an issuer: host or port is malformed") from error
    if port == 0 or not host:
        raise AgentError(Outcome.CONFIGURATION, "not an issuer: host or port is malformed")
    if parts.scheme == "http" and not is_loopback_host(host):
        raise AgentError(Outcome.CONFIGURATION, "http is for a sandbox on this machine; use https")


def read_issuers(path: Path) -> tuple[str, ...]:
    """The issuers of one file; a file that is not there holds none.

    Raises: AgentError(CONFIGURATION): unreadable, not TOML, an unknown key, a malformed issuer.
    """
    try:
        raw = path.read_bytes()[: _FILE_LIMIT_BYTES + 1]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise AgentError(Outcome.CONFIGURATION, f"cannot read {path}") from error
    try:
        if len(raw) > _FILE_LIMIT_BYTES:
            raise ValueError("too large")
        table = tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise AgentError(Outcome.CONFIGURATION, f"{path} is not a TOML file") from error
    issuers = table.get("issuers")
    if set(table) != {"issuers"} or not isinstance(issuers, list) or not all(isinstance(i, str) for i in issuers):
        raise AgentError(Outcome.CONFIGURATION, f'{path} must hold only: issuers = ["https://…"]')
    for issuer in issuers:
        check_issuer(issuer)
    return tuple(issuers)


@dataclass(frozen=True, slots=True)
class IssuerFiles:
    """The files that are read, and the one that ``issuer add`` writes."""

    administrator: Path
    own: Path

    def read(self) -> tuple[str, ...]:
        """All configured issuers, each once, the administrator's first."""
        return tuple(dict.fromkeys((*read_issuers(self.administrator), *read_issuers(self.own))))

    def add(self, issuer: str) -> None:
        """Configure an issuer for this person."""
        check_issuer(issuer)
        self._write((*read_issuers(self.own), issuer))

    def remove(self, issuer: str) -> None:
        """Forget an issuer of this person's own file.

        Raises: AgentError(UNKNOWN_ISSUER): it is not there, or it is the administrator's.
        """
        present = read_issuers(self.own)
        if issuer not in present:
            raise AgentError(Outcome.UNKNOWN_ISSUER, f"not in {self.own}")
        self._write(tuple(known for known in present if known != issuer))

    def _write(self, issuers: tuple[str, ...]) -> None:
        # A JSON array of these ASCII strings is a TOML array too, so no TOML writer is needed.
        text = f"issuers = {json.dumps(list(dict.fromkeys(issuers)))}\n"
        try:
            self.own.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            unfinished = self.own.with_suffix(".new")
            unfinished.write_text(text, encoding="utf-8")
            os.replace(unfinished, self.own)
        except OSError as error:
            raise AgentError(Outcome.CONFIGURATION, f"cannot write {self.own}") from error
