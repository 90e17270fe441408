"""The window, on a display of the test's own (Xvfb). Debian's package is ``xvfb``; tkinter is ``python3-tk``."""

import os
import shutil
import subprocess
import tkinter
from collections.abc import Callable, Iterator
from functools import partial
from tkinter import ttk
from typing import Any

import pytest
from build_vectors import ISSUERS, PLAIN, _opening
from card_double import CardDouble
from provider_double import ProviderDouble

from mynumber_card_agent.card_choice import make_card_source
from mynumber_card_agent.closed_json import JsonObject
from mynumber_card_agent.confirmation import Confirmation, make_confirmation
from mynumber_card_agent.deadline import Deadline
from mynumber_card_agent.links import parse_link
from mynumber_card_agent.opening import Opening
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.presenter_api import PresenterApi
from mynumber_card_agent.sign_in import SignIn, SignInOptions
from mynumber_card_agent.transaction import parse_transaction
from mynumber_card_agent.window_dialog import WindowDialog

# Tcl ends the process if its interpreter is collected by another thread, such as one that serves a double.
KEPT: list[Any] = []
pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="a window needs a display: install xvfb")


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1024x768x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as number:
        yield f":{number.readline().strip()}"
    process.terminate()
    process.wait(10)


@pytest.fixture
def dialog(display: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[WindowDialog]:
    monkeypatch.setenv("DISPLAY", display)
    made = WindowDialog("en")
    KEPT.append(made._root.tk)
    yield made
    made._root.destroy()


def confirmation(**changes: Any) -> Confirmation:
    members: JsonObject = {**PLAIN, **changes}
    opening = Opening(_opening()["purpose"], _opening()["nonce"], parse_transaction(members), 287)
    return make_confirmation(ISSUERS[0], opening, 3, "", "en")


def widgets(root: tkinter.Misc, kind: type[tkinter.Misc]) -> list[Any]:
    found = [child for child in root.winfo_children() if isinstance(child, kind)]
    return found + [inner for child in root.winfo_children() for inner in widgets(child, kind)]


def act_when(dialog: WindowDialog, ready: Callable[[], bool], act: Callable[[], None]) -> None:
    """Do something in the window's own thread as soon as it is in a state."""
    if ready():
        act()
    else:
        dialog._root.after(20, lambda: act_when(dialog, ready, act))


def entry_of(dialog: WindowDialog) -> ttk.Entry:
    return next(w for w in widgets(dialog._root, ttk.Entry) if isinstance(w, ttk.Entry))


def is_open(dialog: WindowDialog) -> bool:
    entries = widgets(dialog._root, ttk.Entry)
    return bool(entries) and not entries[0].instate(["disabled"])


def type_pin(dialog: WindowDialog) -> None:
    entry_of(dialog).insert(0, "1234")
    entry_of(dialog).event_generate("<Return>")


def test_the_pin_is_handed_over_as_bytes_that_can_be_wiped(dialog: WindowDialog) -> None:
    act_when(dialog, lambda: is_open(dialog), lambda: type_pin(dialog))
    assert dialog.ask_pin(confirmation(), Deadline(20)) == bytearray(b"1234")


def test_everything_is_in_the_window_with_the_redirect_host_first_and_largest(dialog: WindowDialog) -> None:
    seen: list[str] = []
    largest: list[str] = []

    def look() -> None:
        (text,) = widgets(dialog._root, tkinter.Text)
        seen.append(text.get("1.0", "end"))
        largest.append(text.get(*[str(index) for index in text.tag_ranges("largest")]))
        type_pin(dialog)

    act_when(dialog, lambda: is_open(dialog), look)
    shown = confirmation(client_name="<b>& ${PATH}", client_status="unreviewed")
    dialog.ask_pin(shown, Deadline(20))
    assert all(row.label in seen[0] and row.value.replace("\n", "\n\t") in seen[0] for row in shown.rows)
    assert (largest[0].strip(), shown.rows[0].value) == ("library.example.jp", "library.example.jp")


def test_a_long_statement_must_be_read_to_its_end_before_the_pin(dialog: WindowDialog) -> None:
    states: list[bool] = []

    def look() -> None:
        states.append(is_open(dialog))
        (text,) = widgets(dialog._root, tkinter.Text)
        text.yview_moveto(1.0)
        act_when(dialog, lambda: is_open(dialog), lambda: type_pin(dialog))

    dialog._root.after(800, look)
    assert dialog.ask_pin(confirmation(statement="I agree.\n" * 200 + "End"), Deadline(20)) == bytearray(b"1234")
    assert states == [False]


def test_cancel_and_escape_and_closing_cancel(dialog: WindowDialog) -> None:
    def press_cancel() -> None:
        next(b for b in widgets(dialog._root, ttk.Button) if b.cget("text") == "Cancel").invoke()

    def press_escape() -> None:
        widgets(dialog._root, tkinter.Text)[0].event_generate("<Escape>")

    def close() -> None:
        widgets(dialog._root, tkinter.Toplevel)[0].destroy()

    for act in (press_cancel, press_escape, close):
        act_when(dialog, lambda: is_open(dialog), act)
        with pytest.raises(AgentError) as failure:
            dialog.ask_pin(confirmation(), Deadline(20))
        assert failure.value.outcome is Outcome.CANCELLED


def test_a_window_nobody_answers_closes_at_the_deadline(dialog: WindowDialog) -> None:
    with pytest.raises(AgentError) as failure:
        dialog.ask_pin(confirmation(), Deadline(0.3))
    assert failure.value.outcome is Outcome.TIMEOUT
    assert widgets(dialog._root, tkinter.Toplevel) == []


def test_full_width_digits_of_an_input_method_are_digits(dialog: WindowDialog) -> None:
    def type_full_width() -> None:
        entry_of(dialog).insert(0, "１２３４")
        next(b for b in widgets(dialog._root, ttk.Button) if b.cget("text") == "Sign").invoke()

    act_when(dialog, lambda: is_open(dialog), type_full_width)
    assert dialog.ask_pin(confirmation(), Deadline(20)) == bytearray(b"1234")


def test_a_whole_sign_in_at_the_window(dialog: WindowDialog, provider: ProviderDouble, card: CardDouble) -> None:
    act_when(dialog, lambda: is_open(dialog), lambda: type_pin(dialog))
    api = PresenterApi(parse_link(provider.link, (provider.issuer,)))
    options = SignInOptions(insists=False, card_wait_seconds=1)
    assert SignIn(api, partial(make_card_source, card.choice), dialog, options).run() == provider.return_url


def test_waiting_can_be_cancelled(dialog: WindowDialog) -> None:
    with dialog.wait("Put the card on the reader.") as step:
        step()
        next(b for b in widgets(dialog._root, ttk.Button)).invoke()
        with pytest.raises(AgentError) as failure:
            step()
    assert failure.value.outcome is Outcome.CANCELLED


def test_a_choice_is_a_button(dialog: WindowDialog) -> None:
    def press() -> None:
        next(b for b in widgets(dialog._root, ttk.Button) if b.cget("text") == "firefox").invoke()

    act_when(dialog, lambda: len(widgets(dialog._root, ttk.Button)) == 2, press)
    assert dialog.choose("Which?", ("default", "firefox")) == 1


def test_without_a_display_there_is_no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(AgentError) as failure:
        WindowDialog("en")
    assert failure.value.outcome is Outcome.NO_DIALOG
