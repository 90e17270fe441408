"""Self-registration, put together from settings."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from idp.oidc.client_keys import check_public_jwks
from idp.oidc.errors import OAuthError
from idp.oidc.registration_dependencies import RegistrationPolicy
from idp.oidc.scope_claims import CLAIMS_OF_SCOPE
from idp.settings.problem import Problem, SettingsError
from idp.settings.registration_section import RegistrationSection
from idp.strict_json import JsonLimits, NotJson, read_json_object

_LIMITS = JsonLimits(size_bytes=65_536, depth=8, values=2000)


def make_registration_policy(section: RegistrationSection, *, tries_claims: bool = False) -> RegistrationPolicy | None:
    """What clients may register of their own will; None where none may.

    Takes:  tries_claims, whether this is a sandbox that releases claims: everybody may try them there, unless the
            operator says which scopes there are.
    Raises: SettingsError: the keys of an issuer of software statements cannot be read or used.
    """
    if section.mode == "off":
        return None
    return RegistrationPolicy(
        is_open=section.mode == "open",
        scopes=_scopes(section, tries_claims=tries_claims),
        open_limit=section.open_limit,
        open_lifetime=timedelta(seconds=section.open_lifetime_seconds),
        statement_issuers={issuer.issuer: _read_keys(issuer.jwks_file) for issuer in section.software_statement},
        is_statement_required=section.require_software_statement,
    )


def _scopes(section: RegistrationSection, *, tries_claims: bool) -> tuple[str, ...]:
    if not tries_claims or "scopes" in section.model_fields_set:
        return section.scopes
    return (*section.scopes, *CLAIMS_OF_SCOPE)


def _read_keys(path: Path) -> dict[str, Any]:
    key = "registration.software_statement"
    try:
        jwks = read_json_object(path.read_bytes(), _LIMITS)
        check_public_jwks(jwks)
    except OSError as error:
        raise SettingsError([Problem(key, f"{path}: {error.strerror}")]) from None
    except (NotJson, OAuthError) as error:
        raise SettingsError([Problem(key, f"{path}: {error}")]) from None
    return jwks
