"""Cards in PC/SC readers, by pyscard's low-level calls. The only module that knows pyscard; it loads late.

A verified PIN lives in the card and not in the connection, so everything happens inside one PC/SC transaction, which
no other program can enter, and the transaction ends with a reset. The connection itself is shared: a browser that keeps
an idle connection open must not be able to shut the person out.
Source: PC/SC part 5 (SCardBeginTransaction, SCardEndTransaction, SCardGetStatusChange).
"""

import importlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.ports import Card

_CONNECT_ATTEMPTS: Final = 20
_CONNECT_PAUSE_SECONDS: Final = 0.1
_GONE_LOOKS: Final = 10
_GONE_SECONDS: Final = 0.1
_STATUS_WORD_BYTES: Final = 2


def _load_scard() -> Any:
    try:
        return importlib.import_module("smartcard.scard")
    except ImportError as error:
        raise AgentError(Outcome.NO_READER, "pyscard is not installed: pipx install './agent[pcsc]'") from error


class _Errors:
    """PC/SC's return codes as outcomes."""

    def __init__(self, scard: Any) -> None:
        self._outcomes = {
            scard.SCARD_W_REMOVED_CARD: Outcome.REMOVED,
            scard.SCARD_E_NO_SMARTCARD: Outcome.REMOVED,
            scard.SCARD_W_UNPOWERED_CARD: Outcome.REMOVED,
            scard.SCARD_W_RESET_CARD: Outcome.REMOVED,
            scard.SCARD_E_READER_UNAVAILABLE: Outcome.REMOVED,
            # What readers say of a contactless card that was lifted in the middle of a command.
            scard.SCARD_E_NOT_TRANSACTED: Outcome.REMOVED,
            scard.SCARD_F_COMM_ERROR: Outcome.REMOVED,
            scard.SCARD_E_COMM_DATA_LOST: Outcome.REMOVED,
            scard.SCARD_W_UNRESPONSIVE_CARD: Outcome.CARD_FAILED,
            scard.SCARD_E_TIMEOUT: Outcome.TIMEOUT,
            scard.SCARD_E_NO_READERS_AVAILABLE: Outcome.NO_READER,
            scard.SCARD_E_UNKNOWN_READER: Outcome.NO_READER,
            scard.SCARD_E_NO_SERVICE: Outcome.NO_READER,
            scard.SCARD_E_SERVICE_STOPPED: Outcome.NO_READER,
        }

    def make(self, call: str, code: int) -> AgentError:
        return AgentError(self._outcomes.get(code, Outcome.CARD_FAILED), f"{call}: {code & 0xFFFFFFFF:08X}")


class _PcscCard:
    def __init__(self, scard: Any, errors: _Errors, handle: Any, protocol: int) -> None:
        self._scard = scard
        self._errors = errors
        self._handle = handle
        self._header = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1

    def transmit(self, command: bytes | bytearray) -> bytes:
        code, response = self._scard.SCardTransmit(self._handle, self._header, list(command))
        if code != self._scard.SCARD_S_SUCCESS:
            raise self._judge(code)
        # Some readers report success for a card that left in the middle of a command, with nothing of an answer.
        if len(response) < _STATUS_WORD_BYTES and self._has_gone():
            raise AgentError(Outcome.REMOVED, "SCardTransmit: no status word")
        return bytes(octet & 0xFF for octet in response)

    def _judge(self, code: int) -> AgentError:
        failure = self._errors.make("SCardTransmit", code)
        if failure.outcome is Outcome.CARD_FAILED and self._has_gone():
            return AgentError(Outcome.REMOVED, failure.detail)
        return failure

    def _has_gone(self) -> bool:
        # A reader may fail the command a moment before it notices that the card is no longer there.
        for _ in range(_GONE_LOOKS):
            code = self._scard.SCardStatus(self._handle)[0]
            if self._errors.make("SCardStatus", code).outcome is Outcome.REMOVED:
                return True
            time.sleep(_GONE_SECONDS)
        return False


class PcscCardSource:
    """All readers of this machine, or those whose name holds a text."""

    def __init__(self, reader: str = "") -> None:
        self._scard = _load_scard()
        self._errors = _Errors(self._scard)
        self._reader = reader
        code, self._context = self._scard.SCardEstablishContext(self._scard.SCARD_SCOPE_USER)
        if code != self._scard.SCARD_S_SUCCESS:
            raise AgentError(Outcome.NO_READER, f"no PC/SC service: {code & 0xFFFFFFFF:08X}")

    def _list_readers(self) -> list[str]:
        code, readers = self._scard.SCardListReaders(self._context, [])
        if code not in (self._scard.SCARD_S_SUCCESS, self._scard.SCARD_E_NO_READERS_AVAILABLE):
            raise self._errors.make("SCardListReaders", code)
        wanted = [str(name) for name in readers or [] if self._reader in str(name)]
        if not wanted:
            raise AgentError(Outcome.NO_READER, "no reader, or none of that name")
        return wanted

    def find_cards(self, wait_seconds: float) -> tuple[str, ...]:
        """The readers with a card in them."""
        scard = self._scard
        readers = self._list_readers()
        code, states = scard.SCardGetStatusChange(self._context, 0, [(r, scard.SCARD_STATE_UNAWARE) for r in readers])
        found = self._select_present(states) if code == scard.SCARD_S_SUCCESS else ()
        if found or wait_seconds <= 0:
            return found
        if code not in (scard.SCARD_S_SUCCESS, scard.SCARD_E_TIMEOUT):
            raise self._errors.make("SCardGetStatusChange", code)
        known = [(name, event & ~scard.SCARD_STATE_CHANGED) for name, event, *_ in states]
        code, states = scard.SCardGetStatusChange(self._context, int(wait_seconds * 1000), known)
        if code not in (scard.SCARD_S_SUCCESS, scard.SCARD_E_TIMEOUT):
            raise self._errors.make("SCardGetStatusChange", code)
        return self._select_present(states)

    def _select_present(self, states: Any) -> tuple[str, ...]:
        present, mute = self._scard.SCARD_STATE_PRESENT, self._scard.SCARD_STATE_MUTE
        return tuple(str(name) for name, event, *_ in states if event & present and not event & mute)

    @contextmanager
    def hold(self, place: str) -> Iterator[Card]:
        """Connect and begin the transaction; reset and disconnect at the end, whatever happened."""
        scard = self._scard
        handle, protocol = self._connect(place)
        try:
            protocol = self._begin(handle, protocol)
            try:
                yield _PcscCard(scard, self._errors, handle, protocol)
            finally:
                scard.SCardEndTransaction(handle, scard.SCARD_RESET_CARD)
        finally:
            scard.SCardDisconnect(handle, scard.SCARD_RESET_CARD)

    def _connect(self, place: str) -> tuple[Any, int]:
        scard = self._scard
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        for _ in range(_CONNECT_ATTEMPTS):
            code, handle, protocol = scard.SCardConnect(self._context, place, scard.SCARD_SHARE_SHARED, protocols)
            if code == scard.SCARD_S_SUCCESS:
                return handle, protocol
            if code != scard.SCARD_E_SHARING_VIOLATION:
                raise self._errors.make("SCardConnect", code)
            time.sleep(_CONNECT_PAUSE_SECONDS)  # Another program holds the reader alone; often just for a moment.
        raise AgentError(Outcome.READER_BUSY, "another program holds the reader")

    def _begin(self, handle: Any, protocol: int) -> int:
        scard = self._scard
        for _ in range(3):
            code = scard.SCardBeginTransaction(handle)
            if code == scard.SCARD_S_SUCCESS:
                return protocol
            if code != scard.SCARD_W_RESET_CARD:
                raise self._errors.make("SCardBeginTransaction", code)
            # Somebody else ended with a reset, as we do; the connection has to take note of it.
            protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
            code, protocol = scard.SCardReconnect(handle, scard.SCARD_SHARE_SHARED, protocols, scard.SCARD_LEAVE_CARD)
            if code != scard.SCARD_S_SUCCESS:
                raise self._errors.make("SCardReconnect", code)
        raise AgentError(Outcome.READER_BUSY, "another program keeps resetting the card")
