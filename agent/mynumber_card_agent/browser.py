"""The browser in which the person began: asked once, remembered, given one checked address.

The address is one argument of its own, beginning with ``http``, and no shell is involved.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path
from typing import Final

from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.ports import Dialog
from mynumber_card_agent.texts import say

_FILE_NAME: Final = "browser.json"
_DEFAULT: Final = "default"
_LINUX_COMMANDS: Final = (
    "firefox", "firefox-esr", "google-chrome", "chromium", "microsoft-edge", "brave-browser", "vivaldi", "opera",
)  # fmt: skip
_MAC_APPLICATIONS: Final = ("Safari", "Firefox", "Google Chrome", "Microsoft Edge", "Brave Browser")


def find_browsers() -> tuple[str, ...]:
    """The commands of the browsers that are here; empty on Windows, where the default is used."""
    if sys.platform == "darwin":
        present = (name for name in _MAC_APPLICATIONS if Path(f"/Applications/{name}.app").is_dir())
        return tuple(shlex.join(("open", "-a", name)) for name in present)
    if sys.platform == "win32":
        return ()
    return tuple(command for command in _LINUX_COMMANDS if shutil.which(command))


class RememberedBrowser:
    """The choice, kept in the person's configuration folder."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / _FILE_NAME

    def find(self) -> str | None:
        """The remembered command or ``default``; None if there is none that can be read."""
        try:
            command = json.loads(self._path.read_text(encoding="utf-8"))["command"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return command if isinstance(command, str) else None

    def save(self, command: str) -> None:
        """Remember it. Failing to is no reason to fail a sign-in that has succeeded."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.write_text(json.dumps({"command": command}), encoding="utf-8")
        except OSError:
            return

    def forget(self) -> None:
        """Ask again next time."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise AgentError(Outcome.CONFIGURATION, f"cannot remove {self._path}") from error


def choose_browser(given: str, remembered: RememberedBrowser, dialog: Dialog) -> str:
    """The command to use: the one given, else the one remembered, else the person's choice, which is remembered."""
    if given:
        return given
    if (known := remembered.find()) is not None:
        return known
    commands = (_DEFAULT, *find_browsers())
    if len(commands) == 1 or not dialog.asks_again:
        return _DEFAULT
    options = (say("default_browser", dialog.language), *commands[1:])
    command = commands[dialog.choose(say("choose_browser", dialog.language), options)]
    remembered.save(command)
    return command


def open_browser(command: str, return_url: str) -> None:
    """Hand the return address to the browser.

    Raises: AgentError(NO_BROWSER).
    """
    if command == _DEFAULT:
        if not webbrowser.open(return_url):
            raise AgentError(Outcome.NO_BROWSER, "the default browser did not start")
        return
    try:
        arguments = [*shlex.split(command, posix=os.name != "nt"), return_url]
        subprocess.Popen(  # noqa: S603  # The person's own command; the address is one argument and was checked.
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise AgentError(Outcome.NO_BROWSER, "the browser command did not start") from error
