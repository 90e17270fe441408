"""The table of the file that says which platform operator is asked, and by what it knows us."""

from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from idp.settings.value import LOOPBACK_HOSTS, Seconds, Section, Whole


class OperatorPlatformSection(Section):
    """``[operator_platform]``: an accredited operator; an empty ``url`` means that there is none.

    ``name`` is part of what persons are looked up by: another name makes everybody a new person.
    """

    url: str = ""
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,64}$")] = ""
    linkage: bool = False
    client_id: str = ""
    private_key_file: Path | None = None
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    tls_authority_file: Path | None = None
    total_seconds: Annotated[Seconds, Field(le=20)] = 5
    attempts: Annotated[Whole, Field(ge=1, le=5)] = 3
    breaker_failures: Annotated[Whole, Field(ge=1)] = 5
    breaker_seconds: Seconds = 30

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        is_local = parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS
        if not parts.hostname or not (parts.scheme == "https" or is_local):
            raise ValueError("an https address is expected")
        if "@" in parts.netloc or parts.query or parts.fragment or value.endswith("/"):
            raise ValueError("no user name, no query, no fragment and no slash at the end")
        return value

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        if not self.url:
            if self.linkage:
                raise ValueError("linkage needs a url")
            return self
        if (self.private_key_file is None) == (self.tls_certificate_file is None):
            raise ValueError("either private_key_file or tls_certificate_file is needed")
        if self.private_key_file is not None and not self.client_id:
            raise ValueError("private_key_file needs a client_id")
        if self.linkage and not self.name:
            raise ValueError("linkage needs a name, which must never change")
        return self
