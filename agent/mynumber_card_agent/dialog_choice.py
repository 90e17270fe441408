"""Where the person is: at a window, at a terminal, or behind standard input."""

import os
import sys
from collections.abc import Mapping

from mynumber_card_agent.outcomes import AgentError
from mynumber_card_agent.ports import Dialog
from mynumber_card_agent.terminal_dialog import TerminalDialog
from mynumber_card_agent.transaction import Language


def guess_language(environment: Mapping[str, str] = os.environ) -> Language:
    """The language until the transaction says its own. Source: POSIX, LC_ALL before LC_MESSAGES before LANG."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(variable, ""):
            return "ja" if value.startswith("ja") else "en"
    return "ja"


def make_dialog(*, is_pin_on_stdin: bool) -> Dialog:
    """A terminal where one was used to start this, else a window, else a terminal all the same.

    The window is tried last of all imports because tkinter is slow to load and may be missing.
    """
    language = guess_language()
    if is_pin_on_stdin or (sys.platform != "win32" and sys.stdin is not None and sys.stdin.isatty()):
        return TerminalDialog(language, is_pin_on_stdin=is_pin_on_stdin)
    try:
        from mynumber_card_agent.window_dialog import WindowDialog

        return WindowDialog(language)
    except (ImportError, AgentError):
        return TerminalDialog(language)
