"""What a reader's answers are taken for, where no reader can be made to give them on demand."""

from types import SimpleNamespace
from typing import Any

import pytest

from mynumber_card_agent import pcsc_card
from mynumber_card_agent.card_commands import send_command
from mynumber_card_agent.outcomes import AgentError, Outcome

CODES = [
    "SCARD_W_REMOVED_CARD",
    "SCARD_E_NO_SMARTCARD",
    "SCARD_W_UNPOWERED_CARD",
    "SCARD_W_RESET_CARD",
    "SCARD_E_READER_UNAVAILABLE",
    "SCARD_E_NOT_TRANSACTED",
    "SCARD_F_COMM_ERROR",
    "SCARD_E_COMM_DATA_LOST",
    "SCARD_W_UNRESPONSIVE_CARD",
    "SCARD_E_TIMEOUT",
    "SCARD_E_NO_READERS_AVAILABLE",
    "SCARD_E_UNKNOWN_READER",
    "SCARD_E_NO_SERVICE",
    "SCARD_E_SERVICE_STOPPED",
]
OK = 0


def reader(answer: list[int], status: str) -> Any:
    codes = {name: number for number, name in enumerate(CODES, start=1)}
    scard = SimpleNamespace(
        **codes, SCARD_S_SUCCESS=OK, SCARD_PCI_T0="T0", SCARD_PCI_T1="T1", SCARD_PROTOCOL_T0=1, SCARD_PROTOCOL_T1=2
    )
    scard.SCardTransmit = lambda *_: (OK, answer)
    scard.SCardStatus = lambda *_: (codes.get(status, OK),)
    return scard


@pytest.mark.parametrize("answer", [[], [0x90]])
@pytest.mark.parametrize(("status", "expected"), [("SCARD_W_REMOVED_CARD", Outcome.REMOVED), ("", Outcome.CARD_FAILED)])
def test_success_without_a_status_word_is_a_card_taken_away_if_the_reader_is_empty(
    answer: list[int], status: str, expected: Outcome
) -> None:
    scard = reader(answer, status)
    card = pcsc_card._PcscCard(scard, pcsc_card._Errors(scard), None, scard.SCARD_PROTOCOL_T1)
    with pytest.raises(AgentError) as refused:
        send_command(card, bytes(4))
    assert refused.value.outcome is expected
