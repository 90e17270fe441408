"""One run of the command line: what was asked of it, and the installation, opened when a verb first needs it."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from idp.cli.failure import Refused
from idp.clock import Clock, system_clock
from idp.settings.environment import CONFIG_VARIABLE
from idp.settings.load import load_settings
from idp.settings.settings import Settings

if TYPE_CHECKING:
    from idp.parts import Parts


_NOTHING_HERE: Final = (
    "no settings file: looked for a sandbox in {directory}; idp serve or idp sandbox init makes one, or give --config"
)

BuildParts = Callable[[Settings, Clock], "Parts"]


class Session:
    """The object that click hands to each verb.

    ``config`` is the settings file of ``--config``, ``as_json`` is ``--json``.
    """

    def __init__(
        self,
        config: Path | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        build: BuildParts | None = None,
        clock: Clock = system_clock,
    ) -> None:
        self.config = config
        self.as_json = False
        self._environ = environ
        self._build = build
        self.clock = clock

    @cached_property
    def settings(self) -> Settings:
        """The checked settings. Raises: SettingsError."""
        return load_settings(self.config, os.environ if self._environ is None else self._environ)

    @cached_property
    def parts(self) -> "Parts":
        """The installation, whose database was made for it.

        Raises: InstallationMismatch, and whatever keeps it from starting.
        """
        parts = self.unchecked_parts
        # A database of another issuer has other people's subjects and keys: no verb may read it as ours or change it.
        parts.durable.check_installation(parts.settings.environment, parts.settings.issuer)
        return parts

    @cached_property
    def unchecked_parts(self) -> "Parts":
        """The installation, for verbs that check the database themselves or need none. Raises: as ``parts``."""
        self._check_something_is_here()
        return (self._build or _build_parts)(self.settings, self.clock)

    def _check_something_is_here(self) -> None:
        environ = os.environ if self._environ is None else self._environ
        section = self.settings.sandbox
        if self.config is not None or environ.get(CONFIG_VARIABLE) or section is None or section.directory.exists():
            return
        directory = section.directory.absolute()
        raise Refused(_NOTHING_HERE.format(directory=directory))

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.clock()

    def pass_on_config(self) -> None:
        """Let worker processes read the settings file that this one read."""
        if self.config is not None:
            os.environ[CONFIG_VARIABLE] = str(self.config.absolute())

    def show(self, data: Mapping[str, Any] | Sequence[Any], text: str) -> None:
        """Print a result: the data as JSON, or the text for people."""
        click.echo(json.dumps(data, ensure_ascii=False, indent=2) if self.as_json else text)


def _build_parts(settings: Settings, clock: Clock) -> "Parts":
    # Late, because Flask and the database drivers take half a second that --help and misuse need not wait for.
    from idp.build_parts import build_parts
    from idp.log import configure_log

    # What a verb does is logged like a worker's doing, on standard error; standard output is for the answer alone.
    configure_log(settings.log.level)
    return build_parts(settings, clock)


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--json`` at a verb; at the program it means the same."""

    def remember(context: click.Context, _: click.Parameter, value: bool) -> None:
        if value:
            context.ensure_object(Session).as_json = True

    return click.option(
        "--json", is_flag=True, expose_value=False, callback=remember, is_eager=True, help="Print JSON."
    )(command)
