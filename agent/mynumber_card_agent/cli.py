"""``mynumber-card-agent``: parse, call, print."""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from mynumber_card_agent.browser import RememberedBrowser, choose_browser, open_browser
from mynumber_card_agent.card_choice import is_simulated, make_card_source
from mynumber_card_agent.desktop_entry import register_scheme
from mynumber_card_agent.dialog_choice import guess_language, make_dialog
from mynumber_card_agent.failure_text import describe_failure
from mynumber_card_agent.issuers import FILE_NAME, IssuerFiles, read_issuers
from mynumber_card_agent.links import parse_link
from mynumber_card_agent.outcomes import MEANINGS, AgentError, Outcome
from mynumber_card_agent.places import (
    administrator_directory,
    configuration_directory,
    data_directory,
    runtime_directory,
)
from mynumber_card_agent.ports import Dialog
from mynumber_card_agent.presenter_api import PresenterApi
from mynumber_card_agent.sandbox import check_sandbox
from mynumber_card_agent.sign_in import SignIn, SignInOptions
from mynumber_card_agent.single_dialog import hold_the_only_dialog
from mynumber_card_agent.texts import say
from mynumber_card_agent.version import VERSION

COMMANDS: Final = ("open", "issuer", "browser", "register")
_CARD_WAIT_SECONDS: Final = 60.0


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 3600:
        raise ValueError(text)
    return seconds


def make_parser() -> argparse.ArgumentParser:
    """The command line as ``--help`` prints it."""
    parser = argparse.ArgumentParser(
        prog="mynumber-card-agent", description="Sign in with a My Number Card at this machine."
    )
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(dest="command", required=True, metavar="{open,issuer,browser,register}")
    opening = commands.add_parser("open", help="answer a card link (also: mynumber-card-agent LINK)")
    opening.add_argument("link", metavar="LINK", help="mynumber-card:… or https://…/card#…")
    opening.add_argument("--card", default="pcsc", help="pcsc, pcsc:READER or, for a sandbox only, socket:HOST:PORT")
    opening.add_argument("--pin-stdin", action="store_true", help="read the PIN as a line of standard input")
    opening.add_argument("--print-return-url", action="store_true", help="print the return address, open no browser")
    opening.add_argument("--insist", action="store_true", help="go on even with one PIN try left")
    opening.add_argument("--browser", default="", metavar="CMD", help="the browser to use now")
    opening.add_argument("--timeout", type=_seconds, default=_CARD_WAIT_SECONDS, metavar="SECONDS",
                         help="how long to wait for a card (default: 60)")  # fmt: skip
    opening.add_argument("--issuers", type=Path, metavar="FILE", help="read the issuers from this file alone")
    issuer = commands.add_parser("issuer", help="which providers this machine talks to")
    verbs = issuer.add_subparsers(dest="verb", required=True)
    for verb, explanation in (("add", "configure a provider"), ("remove", "forget a provider")):
        verbs.add_parser(verb, help=explanation).add_argument("issuer", metavar="URL")
    verbs.add_parser("list", help="print the configured providers")
    browser = commands.add_parser("browser", help="the remembered browser")
    browser.add_argument("verb", choices=("show", "forget"))
    commands.add_parser("register", help="make this the handler of mynumber-card: links (Linux)")
    return parser


def _issuer_files() -> IssuerFiles:
    return IssuerFiles(administrator_directory() / FILE_NAME, configuration_directory() / FILE_NAME)


def _sign_in(arguments: argparse.Namespace, dialog: Dialog) -> None:
    issuers = _issuer_files().read() if arguments.issuers is None else read_issuers(arguments.issuers)
    invitation = parse_link(arguments.link, issuers)
    with hold_the_only_dialog(runtime_directory()):
        if is_simulated(arguments.card) or invitation.issuer.startswith("http:"):
            check_sandbox(invitation.issuer)
        options = SignInOptions(insists=arguments.insist, card_wait_seconds=arguments.timeout)
        api, make_source = PresenterApi(invitation), partial(make_card_source, arguments.card)
        browser = None
        if not arguments.print_return_url:
            # Asked before, because the return address does not live long.
            browser = choose_browser(arguments.browser, RememberedBrowser(configuration_directory()), dialog)
        return_url = SignIn(api, make_source, dialog, options).run()
        if browser is None:
            sys.stdout.write(f"{return_url}\n")
        else:
            open_browser(browser, return_url)


def _run_open(arguments: argparse.Namespace) -> int:
    dialog = make_dialog(is_pin_on_stdin=arguments.pin_stdin)
    try:
        _sign_in(arguments, dialog)
    except AgentError as error:
        if error.outcome is not Outcome.CANCELLED or not dialog.asks_again:
            dialog.tell(describe_failure(error, dialog.language))
        return MEANINGS[error.outcome].exit_status
    return 0


def _run_other(arguments: argparse.Namespace) -> None:
    if arguments.command == "register":
        sys.stdout.write(f"{register_scheme(data_directory())}\n")
    elif arguments.command == "browser":
        remembered = RememberedBrowser(configuration_directory())
        if arguments.verb == "forget":
            remembered.forget()
        else:
            sys.stdout.write(f"{remembered.find() or say('default_browser', guess_language())}\n")
    elif arguments.verb == "add":
        _issuer_files().add(arguments.issuer)
    elif arguments.verb == "remove":
        _issuer_files().remove(arguments.issuer)
    else:
        sys.stdout.write("".join(f"{issuer}\n" for issuer in _issuer_files().read()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns: the exit status: 0 done, 2 usage, 10 and above an outcome of ``outcomes``.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] not in COMMANDS and given[0] not in ("-h", "--help", "--version"):
        given.insert(0, "open")
    parsed = make_parser().parse_args(given)
    try:
        if parsed.command == "open":
            return _run_open(parsed)
        _run_other(parsed)
    except KeyboardInterrupt:
        return MEANINGS[Outcome.CANCELLED].exit_status
    except AgentError as error:
        sys.stderr.write(f"{describe_failure(error, guess_language())}\n")
        return MEANINGS[error.outcome].exit_status
    return 0
