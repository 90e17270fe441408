"""Walks the links of an OpenAPI description with schemathesis's state machine, and tells which ways it took."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.core.transforms import UNRESOLVABLE
from schemathesis.core.transport import Response
from schemathesis.generation.stateful.state_machine import ExtractedParam, StepInput, StepOutput, Transition

from idp.web.security_headers import WsgiApplication
from tests.support.openapi_checks import CHECKS

# Links that schemathesis would guess from names are left out: only what the description says is to be tried.
_NOTHING_GUESSED = {"phases": {"stateful": {"inference": {"algorithms": []}}}}

_SETTINGS = settings(
    max_examples=10,
    stateful_step_count=12,
    phases=[Phase.generate],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

Way = tuple[tuple[str, int], ...]


class Caller(Protocol):
    """Who makes the calls of one scenario."""

    def prepare(self, case: schemathesis.Case) -> None:
        """Put what this caller knows into a request that was made at random and by links."""

    def learn(self, case: schemathesis.Case, answer: Response) -> None:
        """Keep what an answer tells."""


@dataclass
class Walked:
    """What a run did: each way from a first call over links, with the statuses that came, and how often."""

    ways: Counter[Way] = field(default_factory=Counter)

    def lacks(self, ways: Iterable[Way]) -> list[Way]:
        """Which of these no scenario went, from the first call to the last, by one link after the other."""
        return [way for way in ways if not any(taken[-len(way) :] == way for taken in self.ways)]


def walk_links(
    app: WsgiApplication,
    make_caller: Callable[[], Caller],
    paths: str = "/",
    *,
    takes_all: bool,
    wanted: Sequence[Way] = (),
    rounds: int = 30,
) -> Walked:
    """Make calls after the description at ``/openapi.json``, by its links, the same ones in every run.

    Takes:  paths, a regular expression for the beginning of those that are called: on a part of the links, scenarios
            get further along them; make_caller, for each scenario anew; takes_all, whether all that a link brings is
            used: left to itself, schemathesis leaves some of it out at random, and so loses its way soon; wanted, the
            ways after which the walk ends before its last round: which scenario takes one changes with every word of
            the description.
    Raises: FailureGroup: an answer that the description does not have, or a 5xx.
    """
    config = SchemathesisConfig.from_dict(_NOTHING_GUESSED)
    described = schemathesis.openapi.from_wsgi("/openapi.json", app, config=config)
    walked = Walked()

    class Machine(described.include(path_regex=f"^{paths}").as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            self.caller = make_caller()
            self.ways: dict[str, Way] = {}

        def before_call(self, case: schemathesis.Case) -> None:
            self.caller.prepare(case)

        def after_call(self, response: Response, case: schemathesis.Case) -> None:
            super().after_call(response, case)
            self.caller.learn(case, response)

        def validate_response(self, response: Response, case: schemathesis.Case, *_: Any, **kwargs: Any) -> None:
            case.validate_response(response, checks=CHECKS, transport_kwargs=kwargs or None)

        def step(self, input: StepInput) -> StepOutput:
            brought = input.is_applied
            if takes_all and input.transition is not None:
                brought = _take_along(input.case, input.transition) or brought
            output = super().step(input)
            # A link of which nothing was used is a call at random, and begins a way of its own.
            before = self.ways[input.transition.parent_id] if input.transition and brought else ()
            way = (*before, (input.case.operation.label, output.response.status_code))
            self.ways[input.case.id] = way
            walked.ways[way] += 1
            return output

    for number in range(rounds):
        seed(number)(Machine).run(settings=_SETTINGS)
        if wanted and not walked.lacks(wanted):
            break
    return walked


def _take_along(case: schemathesis.Case, transition: Transition) -> bool:
    """Put everything that a link brings into the request that it leads to; whether there was anything."""
    has_any = False
    for container, parameters in transition.parameters.items():
        for name, extracted in parameters.items():
            if (value := _found(extracted)) is not None:
                getattr(case, container)[name] = value
                has_any = True
    members = _found(transition.request_body) or {}
    found = {name: value for name, value in members.items() if value is not UNRESOLVABLE}
    if isinstance(case.body, dict):
        case.body = case.body | found
    return has_any or bool(found)


def _found(extracted: ExtractedParam | None) -> Any:
    if extracted is None or not isinstance(extracted.value, Ok) or extracted.value.ok() is UNRESOLVABLE:
        return None
    return extracted.value.ok()
