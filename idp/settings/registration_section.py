"""The tables of the file that say which clients may register themselves, and what."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from idp.settings.value import Seconds, Section, Whole


class SoftwareStatementSection(Section):
    """``[[registration.software_statement]]``: an issuer of software statements that is believed, and its keys."""

    issuer: Annotated[str, Field(min_length=1, max_length=2000)]
    jwks_file: Path


class RegistrationSection(Section):
    """``[registration]``: RFC 7591 and RFC 7592, off unless the operator says otherwise."""

    mode: Literal["off", "token", "open"] = "off"
    scopes: tuple[str, ...] = ("openid", "offline_access")
    open_lifetime_seconds: Annotated[Seconds, Field(ge=3600)] = 2_592_000
    open_limit: Annotated[Whole, Field(ge=1, le=100_000)] = 200
    require_software_statement: bool = False
    software_statement: tuple[SoftwareStatementSection, ...] = ()
