"""What ``--card`` means."""

from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.pcsc_card import PcscCardSource
from mynumber_card_agent.ports import CardSource
from mynumber_card_agent.socket_card import SocketCardSource


def is_simulated(choice: str) -> bool:
    """Whether the choice is a card that only a sandbox may see."""
    return choice.startswith("socket:")


def make_card_source(choice: str) -> CardSource:
    """A source of cards.

    Takes:  ``pcsc``, ``pcsc:READER`` (part of the reader's name) or ``socket:HOST:PORT``.
    Raises: AgentError(CONFIGURATION): none of these. AgentError(NO_READER): no PC/SC here.
    """
    kind, _, rest = choice.partition(":")
    if kind == "pcsc":
        return PcscCardSource(rest)
    host, _, port = rest.rpartition(":")
    if kind == "socket" and port.isascii() and port.isdigit() and len(port) <= 5:
        return SocketCardSource(host, int(port))
    raise AgentError(Outcome.CONFIGURATION, "--card takes pcsc, pcsc:READER or socket:HOST:PORT")
