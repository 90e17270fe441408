"""The person at a desktop: one small window, by tkinter. Values are inserted as text and never as markup."""

import contextlib
import time
import tkinter
import tkinter.font
import unicodedata
from collections.abc import Callable, Iterator
from tkinter import messagebox, ttk
from typing import Final, Literal

from mynumber_card_agent.confirmation import Confirmation
from mynumber_card_agent.deadline import Deadline
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.ports import Step
from mynumber_card_agent.texts import say
from mynumber_card_agent.transaction import Language

_TICK_MILLISECONDS: Final = 200
_WIDTH_COLUMNS: Final = 88
_LABEL_PIXELS: Final = 250
_REST_PIXELS: Final = 240  # Of the screen's height: what stands below the text, and the desktop's own bars.


class WindowDialog:
    """Windows of this program; only one is open at a time."""

    def __init__(self, language: Language) -> None:
        """Reach the display.

        Raises: AgentError(NO_DIALOG): there is none.
        """
        self._language = language
        try:
            self._root = tkinter.Tk()
        except tkinter.TclError as error:
            raise AgentError(Outcome.NO_DIALOG, "no display") from error
        self._root.withdraw()

    @property
    def language(self) -> Language:
        """The language in which the person is spoken to."""
        return self._language

    @property
    def asks_again(self) -> bool:
        """Somebody sits at the window."""
        return True

    def set_language(self, language: Language) -> None:
        """Go on in the transaction's language."""
        self._language = language

    @contextlib.contextmanager
    def wait(self, text: str) -> Iterator[Step]:
        """A window with the text and a cancel button."""
        window = self._make_window()
        is_cancelled = False

        def cancel() -> None:
            nonlocal is_cancelled
            is_cancelled = True

        def step() -> None:
            self._root.update()
            if is_cancelled:
                raise AgentError(Outcome.CANCELLED)

        ttk.Label(window, text=text, wraplength=420, padding=24).pack()
        ttk.Button(window, text=say("button_cancel", self._language), command=cancel).pack(pady=(0, 16))
        window.protocol("WM_DELETE_WINDOW", cancel)
        window.bind("<Escape>", lambda _event: cancel())
        try:
            step()
            yield step
        finally:
            window.destroy()
            self._root.update()

    def ask_pin(self, confirmation: Confirmation, deadline: Deadline) -> bytearray:
        """The whole request above, the PIN below; the field opens when everything has been on the screen."""
        window = self._make_window()
        answer: list[bytearray] = []
        entry = ttk.Entry(window, show="\u2022", width=20)

        def sign() -> None:
            # Japanese input methods write full-width digits, and behind the dots nobody would see it.
            answer.append(bytearray(unicodedata.normalize("NFKC", entry.get()).encode("utf-8")))
            entry.delete(0, "end")
            window.destroy()

        buttons = ttk.Frame(window)
        ok = ttk.Button(buttons, text=say("button_sign", confirmation.language), command=sign)
        cancel = ttk.Button(buttons, text=say("button_cancel", confirmation.language), command=window.destroy)
        hint = ttk.Label(window, text=say("scroll_first", confirmation.language))

        def open_field() -> None:
            for widget in (entry, ok):
                widget.state(["!disabled"])
            hint.configure(text=confirmation.prompt)
            entry.bind("<Return>", lambda _event: sign())
            entry.focus_set()

        entry.state(["disabled"])
        ok.state(["disabled"])
        text = self._make_text(window, confirmation, open_field)
        if confirmation.remark:
            ttk.Label(window, text=confirmation.remark, foreground="#b00000", wraplength=520).pack(pady=(8, 0))
        for widget in (hint, entry):
            widget.pack(pady=(8, 0))
        cancel.pack(side="left", padx=12, ipadx=24)
        ok.pack(side="left", padx=12, ipadx=24)
        buttons.pack(pady=16)
        text.focus_set()
        self._run(window, deadline)
        if not answer:
            raise AgentError(Outcome.CANCELLED)
        return answer[0]

    def insists(self, warning: str) -> bool:
        """A question whose default is to stop."""
        return messagebox.askyesno(
            say("title", self._language), warning, icon="warning", default="no", parent=self._root
        )

    def choose(self, question: str, options: tuple[str, ...]) -> int:
        """One button an option; closing the window takes the first."""
        window = self._make_window()
        chosen = [0]

        def choose(number: int) -> None:
            chosen[0] = number
            window.destroy()

        ttk.Label(window, text=question, wraplength=420, padding=16).pack()
        for number, option in enumerate(options):
            ttk.Button(window, text=option, command=lambda n=number: choose(n)).pack(fill="x", padx=24, pady=4)  # type: ignore[misc]  # A default argument binds the loop's value; mypy cannot infer such a lambda.
        ttk.Frame(window, padding=8).pack()
        window.wait_window()
        return chosen[0]

    def tell(self, text: str) -> None:
        """A message to be closed."""
        messagebox.showinfo(say("title", self._language), text, parent=self._root)

    def _make_window(self) -> tkinter.Toplevel:
        window = tkinter.Toplevel(self._root)
        window.title(say("title", self._language))
        window.attributes("-topmost", True)
        window.lift()
        window.focus_force()  # The person has just asked for it, and may have no pointer to reach it with.
        return window

    def _run(self, window: tkinter.Toplevel, deadline: Deadline) -> None:
        window.bind("<Escape>", lambda _event: window.destroy())
        while window.winfo_exists():
            self._root.update()
            if deadline.remaining_seconds() <= 0:
                window.destroy()
                raise AgentError(Outcome.TIMEOUT, "nobody answered")
            time.sleep(0.02)

    def _fit_height(self, text: tkinter.Text) -> None:
        """As high as the rows need, if the screen has it: an ordinary request is read without scrolling."""
        text.update_idletasks()
        needed = text.tk.getint(text.tk.call(str(text), "count", "-update", "-ypixels", "1.0", "end"))
        line_pixels = tkinter.font.Font(font=text.cget("font")).metrics("linespace")
        room = max(120, text.winfo_screenheight() - _REST_PIXELS)
        text.configure(height=min(needed + 2 * line_pixels, room) // line_pixels)

    def _make_text(self, window: tkinter.Toplevel, shown: Confirmation, on_end: Callable[[], None]) -> tkinter.Text:
        frame = ttk.Frame(window)
        bar = ttk.Scrollbar(frame)
        wrap: Literal["char", "word"] = "char" if shown.language == "ja" else "word"
        text = tkinter.Text(frame, width=_WIDTH_COLUMNS, wrap=wrap, padx=16, pady=12, tabs=(_LABEL_PIXELS,))
        text.tag_configure("row", lmargin2=_LABEL_PIXELS, spacing1=4)
        text.tag_configure("label", foreground="#444444", font=("TkDefaultFont", 11))
        text.tag_configure("largest", font=("TkDefaultFont", 20, "bold"))
        text.tag_configure("normal", font=("TkDefaultFont", 11))
        text.tag_configure("warning", font=("TkDefaultFont", 11, "bold"), foreground="#b00000")
        for row in shown.rows:
            text.insert("end", f"{row.label}\t", ("row", "label"))
            # A value's own lines stay in the values' column, so that none can pass for a row.
            text.insert("end", row.value.replace("\n", "\n\t"), ("row", row.weight))
            text.insert("end", "\n", "row")
        text.configure(state="disabled", yscrollcommand=bar.set)
        bar.configure(command=text.yview)
        bar.pack(side="right", fill="y")
        text.pack(side="left", fill="both", expand=True)
        frame.pack(fill="both", expand=True)
        self._fit_height(text)
        has_ended = False

        def look() -> None:
            nonlocal has_ended
            if not has_ended and text.winfo_exists():
                if text.winfo_viewable() and text.yview()[1] >= 1.0:
                    has_ended = True
                    on_end()
                else:
                    self._root.after(_TICK_MILLISECONDS, look)

        self._root.after(_TICK_MILLISECONDS, look)
        return text
