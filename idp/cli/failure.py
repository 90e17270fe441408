"""How a verb ends when it does not end well: refused (1) or could not find out (3); click itself ends misuse with 2."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import IO, Any, Final

import click

from idp.identity.errors import LinkRefused, LookupKeyMismatch
from idp.jpki.errors import CardRejected, CardUnverifiable
from idp.jpki.trust_anchors import AnchorRefused
from idp.jpki.trust_manifest import ManifestRefused
from idp.keys.errors import NoSigningKey, SigningKeyUnreadable
from idp.oidc.errors import OAuthError
from idp.ops.audit_sealing import AuditChainBroken
from idp.outage import StoreConflict, StoreUnavailable
from idp.outbound.crl_source import CrlAddressRefused
from idp.outbound.operator_credentials import OperatorCredentialsUnusable
from idp.resources import ResourceMissing
from idp.settings.problem import SettingsError
from idp.settings.secret_file import SecretFileUnusable
from idp.stores.sql.address import AddressRefused
from idp.stores.sql.installation import InstallationMismatch

EXIT_REFUSED: Final = 1
EXIT_UNDETERMINED: Final = 3


class Failure(click.ClickException):
    """An end without success; standard error gets the reason, as JSON where the output is JSON."""

    code = "failure"
    as_json = False

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the reason."""
        data = {"error": self.code, "message": self.message}
        text = json.dumps(data, ensure_ascii=False) if self.as_json else f"{self.code}: {self.message}"
        click.echo(text, file=file, err=file is None)


class Refused(Failure):
    """We know, and the answer is no."""

    code = "refused"
    exit_code = EXIT_REFUSED


class Undetermined(Failure):
    """We could not find out: something that had to be asked did not answer."""

    code = "could not find out"
    exit_code = EXIT_UNDETERMINED


_REFUSALS: Final = (
    AddressRefused,
    AnchorRefused,
    AuditChainBroken,
    CardRejected,
    CrlAddressRefused,
    InstallationMismatch,
    LookupKeyMismatch,
    ManifestRefused,
    NoSigningKey,
    OAuthError,
    OperatorCredentialsUnusable,
    ResourceMissing,
    SecretFileUnusable,
    SettingsError,
    SigningKeyUnreadable,
    StoreConflict,
)
# The reasons of LinkRefused that a verb can meet, in words.
_LINK_REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "account_ended": "the account was merged or deleted",
        "already_undone": "this merge is undone already",
        "bad_operator_name": "this is not an operator's name",
        "credential_known": "the card leads to an account already",
        "credential_revoked": "the credential is revoked, which is for good",
        "different_person": "the platform operator calls these accounts two persons, so they are not merged",
        "expired": "the request is more than 30 days old",
        "no_such_account": "there is no such account",
        "no_such_credential": "there is no such credential",
        "no_such_merge": "there is no such merge",
        "no_such_request": "there is no such request",
        "not_active": "an account is not active: it is suspended, or was merged already",
        "not_pending": "the request is decided already",
        "not_suspended": "the credential is not suspended",
        "same_account": "both are one account",
        "same_operator": "this operator has decided already; the second must be another one",
    }
)
_OUTAGES: Final = (CardUnverifiable, StoreUnavailable)


def find_failure(error: Exception) -> Failure | None:
    """How the program ends for this error of ours; None for a fault, which keeps its traceback."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, LinkRefused):
        return Refused(f"{_LINK_REFUSALS.get(error.reason, 'the link is not made')} ({error.reason})")
    if isinstance(error, _REFUSALS):
        return Refused(str(error))
    if isinstance(error, _OUTAGES):
        return Undetermined(str(error))
    return None
