"""The program ``idp``: its options, its nouns, and how it ends."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click

from idp.cli.failure import find_failure
from idp.cli.session import Session, json_option

# Each noun is a module that is imported when it is asked for, so that production never imports the sandbox.
NOUNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account": "account",
        "audit": "audit",
        "client": "client",
        "db": "db",
        "doctor": "doctor",
        "evidence": "evidence",
        "job": "job",
        "key": "key",
        "linking": "linking",
        "logout": "logout",
        "lookup-key": "lookup_key",
        "sandbox": "sandbox",
        "serve": "serve",
        "trust": "trust",
    }
)


class Program(click.Group):
    """The group of all nouns; it turns our errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The nouns, for ``--help``."""
        return sorted(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The noun's command, named like its module."""
        module = NOUNS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = getattr(importlib.import_module(f"idp.cli.{module}"), module)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            failure = find_failure(error)
            if failure is None:
                raise
            failure.as_json = ctx.ensure_object(Session).as_json
            raise failure from None


@click.group("idp", cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file; otherwise the one that IDP_CONFIG names, otherwise a sandbox in this directory.",
)
@json_option
@click.version_option(package_name="mynumber-idp", prog_name="idp")
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """Sign in with My Number Card: an OpenID Provider.

    Exit codes: 0 done, 1 refused, 2 wrong usage, 3 could not find out.
    """
    session = context.ensure_object(Session)
    session.config = config or session.config
