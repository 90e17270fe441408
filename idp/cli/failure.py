"""How a verb ends when it does not end well: refused (1) or could not find out (3); click itself ends misuse with 2."""

import json
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
    LinkRefused,
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
_OUTAGES: Final = (CardUnverifiable, StoreUnavailable)


def find_failure(error: Exception) -> Failure | None:
    """How the program ends for this error of ours; None for a fault, which keeps its traceback."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, _REFUSALS):
        return Refused(str(error))
    if isinstance(error, _OUTAGES):
        return Undetermined(str(error))
    return None
