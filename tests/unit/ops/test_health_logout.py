"""What the doctor says of logouts that no client ever took."""

from idp.ops.health_answer import HealthState
from idp.ops.health_logout import ask_dead_logouts


class Counted:
    """Deliveries that were given up, by client."""

    def __init__(self, **counts: int) -> None:
        self._counts = counts

    def count_dead_logouts(self) -> dict[str, int]:
        return self._counts


def test_nothing_given_up_is_fine() -> None:
    (answer,) = ask_dead_logouts(Counted())
    assert (answer.state, answer.key) == (HealthState.OK, "logout.dead")


def test_what_was_given_up_is_a_warning_that_names_clients_and_counts_the_most_first() -> None:
    (answer,) = ask_dead_logouts(Counted(museum=2, library=11, archive=2))
    assert (answer.state, answer.key) == (HealthState.WARN, "logout.dead")
    assert answer.text.startswith("15 given up: library 11, archive 2, museum 2;")
    assert "idp logout dead" in answer.text


def test_a_crowd_of_clients_is_counted_and_not_listed() -> None:
    (answer,) = ask_dead_logouts(Counted(**{f"client{number:02}": 1 for number in range(12)}))
    assert "client09 1 and 2 more clients;" in answer.text
    assert "client10" not in answer.text
