"""Where the configuration lives on each system.

Source: XDG Base Directory Specification (a relative path in a variable is to be ignored).
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

NAME: Final = "mynumber-card-agent"


def _from_variable(environment: Mapping[str, str], variable: str, fallback: Path) -> Path:
    value = environment.get(variable, "")
    return Path(value) if value and Path(value).is_absolute() else fallback


def administrator_directory(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The folder that only an administrator can write."""
    if platform == "win32":
        return _from_variable(environment, "PROGRAMDATA", Path("C:/ProgramData")) / NAME
    if platform == "darwin":
        return Path("/Library/Application Support") / NAME
    return Path("/etc") / NAME


def configuration_directory(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """The person's own configuration folder."""
    if platform == "win32":
        return _from_variable(environment, "APPDATA", Path.home() / "AppData/Roaming") / NAME
    if platform == "darwin":
        return Path.home() / "Library/Application Support" / NAME
    return _from_variable(environment, "XDG_CONFIG_HOME", Path.home() / ".config") / NAME


def data_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where Linux desktops look for a person's desktop entries."""
    return _from_variable(environment, "XDG_DATA_HOME", Path.home() / ".local/share")


def runtime_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """A folder that is the person's alone, for the lock."""
    fallback = configuration_directory(environment)
    directory = _from_variable(environment, "XDG_RUNTIME_DIR", fallback)
    return directory if directory.is_dir() else fallback
