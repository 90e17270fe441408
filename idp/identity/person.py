"""A person as a platform operator names them: passed on in memory, never stored, logged or shown."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PersonReference:
    """One answer of an operator.

    ``person_id`` is stable across a person's certificates and the operator's alone; ``as_of`` is the moment for which
    the answer holds; ``check_id`` is random and known to the operator too.
    """

    person_id: str = field(repr=False)
    check_id: str
    as_of: datetime
