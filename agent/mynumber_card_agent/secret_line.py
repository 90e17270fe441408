"""A secret typed on one line, read into memory that can be wiped."""

import io
import select
import sys
from typing import Final

from mynumber_card_agent.deadline import Deadline
from mynumber_card_agent.jpki_application import wipe
from mynumber_card_agent.outcomes import AgentError, Outcome

_LONGEST_BYTES: Final = 64


def _await_input(descriptor: int, deadline: Deadline) -> None:
    if sys.platform == "win32":
        return  # Windows can only wait for sockets; there the line is read without a limit of time.
    readable, _, _ = select.select([descriptor], [], [], deadline.remaining_seconds())
    if not readable:
        raise AgentError(Outcome.TIMEOUT, "no PIN was given")


def read_secret_line(descriptor: int, deadline: Deadline) -> bytearray:
    """The bytes up to the end of the line, without it.

    Takes:   an open file descriptor, read one byte at a time so that nothing of a next line is swallowed.
    Returns: a buffer that the caller wipes.
    Raises:  AgentError(CANCELLED): the input ended before anything came. AgentError(TIMEOUT, PIN_FORM).
    """
    line = bytearray()
    one = bytearray(1)
    with io.FileIO(descriptor, "rb", closefd=False) as source:
        while True:
            _await_input(descriptor, deadline)
            try:
                count = source.readinto(one)
            except OSError as error:
                wipe(line)
                raise AgentError(Outcome.NO_DIALOG, "the input cannot be read") from error
            if not count and not line:
                raise AgentError(Outcome.CANCELLED, "the input ended before a PIN came")
            if not count or one == b"\n":
                break
            line += one
            if len(line) > _LONGEST_BYTES:
                wipe(line)
                raise AgentError(Outcome.PIN_FORM, "the line is too long to be a PIN")
    wipe(one)
    while line.endswith(b"\r"):
        del line[-1]
    return line
