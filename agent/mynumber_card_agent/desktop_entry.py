"""Registering the ``mynumber-card:`` scheme on a Linux desktop, for this person only.

Source: Desktop Entry Specification 1.5 (Exec quoting); Association between MIME types and applications.
Windows and macOS need a registry key or an application bundle; ``README.md`` says how.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from mynumber_card_agent.links import SCHEME
from mynumber_card_agent.outcomes import AgentError, Outcome

FILE_NAME: Final = "mynumber-card-agent.desktop"
_MIME_TYPE: Final = f"x-scheme-handler/{SCHEME}"


def _quote(argument: str) -> str:
    escaped = argument
    for character in ("\\", '"', "`", "$"):
        escaped = escaped.replace(character, f"\\{character}")
    # The value is unescaped once as a string of the file and once as an argument; % would begin a field code.
    return '"' + escaped.replace("\\", "\\\\").replace("%", "%%") + '"'


def make_desktop_entry(command: tuple[str, ...]) -> str:
    """The entry's text. ``--`` stands before the link, so that nothing in a link can be an option."""
    arguments = " ".join(_quote(argument) for argument in command)
    return (
        "[Desktop Entry]\nType=Application\nVersion=1.5\nName=My Number Card\nName[ja]=マイナンバーカード\n"
        f"Exec={arguments} open -- %u\nTerminal=false\nNoDisplay=true\nMimeType={_MIME_TYPE};\n"
    )


def find_own_command() -> tuple[str, ...]:
    """How this program is started again: the installed command, else this Python with the module."""
    started = Path(sys.argv[0])
    if started.name == "mynumber-card-agent" and started.is_file():
        return (str(started.resolve()),)
    return (sys.executable, "-m", "mynumber_card_agent")


def register_scheme(data_directory: Path) -> Path:
    """Write the entry and make it the scheme's handler.

    Returns: the entry's path.
    Raises:  AgentError(CONFIGURATION): not Linux, or the entry cannot be written.
    Effect:  runs ``update-desktop-database`` and ``xdg-mime`` where they are installed.
    """
    if not sys.platform.startswith("linux"):
        raise AgentError(Outcome.CONFIGURATION, "on this system the scheme is registered by hand; see the README")
    directory = data_directory / "applications"
    entry = directory / FILE_NAME
    try:
        directory.mkdir(parents=True, exist_ok=True)
        entry.write_text(make_desktop_entry(find_own_command()), encoding="utf-8")
        steps = (("update-desktop-database", str(directory)), ("xdg-mime", "default", FILE_NAME, _MIME_TYPE))
        for tool, *arguments in steps:
            if (path := shutil.which(tool)) is not None:
                subprocess.run([path, *arguments], check=False, timeout=30, stdout=subprocess.DEVNULL)  # noqa: S603  # Fixed arguments.
    except (OSError, subprocess.SubprocessError) as error:
        raise AgentError(Outcome.CONFIGURATION, f"cannot register {entry}") from error
    return entry
