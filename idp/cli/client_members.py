"""The options of ``idp client``: one for each member that may be registered, made from the table that judges it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from idp.cli.client_file import read_client_file
from idp.oidc.registration import MEMBERS
from idp.oidc.registration_members import TypeCheck

_HELP: Final[Mapping[str, str]] = {
    "client_name": "The name that people are shown.",
    "client_uri": "Its home page; 'back to the service' leads there.",
    "application_type": "web or native; web if not given.",
    "token_endpoint_auth_method": "client_secret_basic if not given.",
    "id_token_signed_response_alg": "ES256 if not given.",
    "scope": 'Separated by spaces, for example "openid offline_access".',
    "sector_identifier_uri": "For redirect URIs of several hosts, or a sector shared by clients.",
    "subject_type": "pairwise or public; pairwise if not given.",
    "jwks_uri": "Where it publishes its keys.",
    "policy_uri": "How it handles personal data.",
    "tos_uri": "Its terms of use.",
    "logo_uri": "Kept for review; no page shows it.",
}
_FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)


def metadata_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a verb one option a member; their values arrive under the members' names, None and () where not given."""
    for name, is_of_its_type in reversed([*MEMBERS.items()]):
        command = _option(name, is_of_its_type)(command)
    return command


def _option(name: str, is_of_its_type: TypeCheck) -> Callable[..., Any]:
    # What a member's own check accepts is what kind of option it gets; the value itself is judged later, by the rule.
    flag = f"--{name.replace('_', '-')}"
    text = _HELP.get(name)
    if name == "client_name":
        return click.option(flag, "--name", name, help=text)
    if name == "require_pkce":
        return click.option("--pkce/--no-pkce", name, default=None, help="Require PKCE, as is usual, or do not.")
    if is_of_its_type({}):
        return click.option(f"{flag}-file", name, type=_FILE, help="JSON.")
    if is_of_its_type(True):
        return click.option(f"{flag}/--no-{name.replace('_', '-')}", name, default=None, help=text)
    if is_of_its_type(["x"]) or is_of_its_type([]):
        return click.option(flag.removesuffix("s"), name, multiple=True, help=text or "May be repeated.")
    if is_of_its_type(1):
        return click.option(flag, name, type=int, help=text)
    return click.option(flag, name, help=text)


def given_members(options: Mapping[str, Any]) -> dict[str, Any]:
    """The members that were given as options, as JSON types.

    Raises: Refused: a file has another form.
    """
    members: dict[str, Any] = {}
    for name, value in options.items():
        if value is None or value == ():
            continue
        if isinstance(value, Path):
            (members[name],) = read_client_file(value)
        else:
            members[name] = list(value) if isinstance(value, tuple) else value
    return members
