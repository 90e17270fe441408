"""Jobs that are due every so many seconds, and which of many processes does one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from idp.clock import Clock, to_epoch_seconds
from idp.log import log_line
from idp.signin.transient import TransientStore

_KIND: Final = "job"

Job = Callable[[datetime], None]


class TimedJobs:
    """The jobs of one process, each due every so many seconds."""

    def __init__(self, transient: TransientStore, clock: Clock, jobs: dict[str, tuple[int, Job]]) -> None:
        self._transient = transient
        self._clock = clock
        self._jobs = jobs

    def run_due(self) -> tuple[str, ...]:
        """Do what is due and nobody else has taken.

        Returns: the names of what was done or tried here.
        Effect:  a job that fails is logged and tried again when it is due the next time.
        """
        now = self._clock()
        return tuple(name for name, (seconds, job) in self._jobs.items() if self._run_if_due(name, seconds, job, now))

    def _run_if_due(self, name: str, seconds: int, job: Job, now: datetime) -> bool:
        window = to_epoch_seconds(now) // seconds
        try:
            if not self._transient.insert(_KIND, f"{name}-{window}", b"", now + timedelta(seconds=2 * seconds), now):
                return False
            job(now)
        except Exception as error:  # a job must not end the thread that runs the others
            log_line("job_failed", "error", action=name, exception=type(error).__name__)
        return True
