"""The kinds of value that a key can have."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_PATH: Final = re.compile(r"(/[A-Za-z0-9._~-]+)*")


class Section(BaseModel):
    """A table of the file: closed (an unknown key is a mistake, not an extension) and never changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=False)


def _refuse_bool(value: Any) -> Any:
    # Python counts True as 1, and "code_seconds = true" is a slip, not one second.
    if isinstance(value, bool):
        raise ValueError("a number is expected")
    return value


Whole = Annotated[int, BeforeValidator(_refuse_bool)]
Seconds = Annotated[Whole, Field(ge=1)]
PerMinute = Annotated[Whole, Field(ge=1)]
Network = Annotated[IPv4Network | IPv6Network, PlainValidator(lambda value: ip_network(str(value)))]


def _check_bind(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError('"address:port" is expected, for example "127.0.0.1:8000"')
    if host != "localhost":
        ip_address(host.removeprefix("[").removesuffix("]"))
    return value


Bind = Annotated[str, AfterValidator(_check_bind)]
OptionalBind = Annotated[str, AfterValidator(lambda value: _check_bind(value) if value else value)]


def check_issuer(value: str) -> str:
    """That an issuer has its one canonical spelling: presenters sign its hash, clients compare it byte by byte.

    Returns: the same text.
    Raises:  ValueError: what is wrong with it.
    Source:  OIDC Core §1.2, Issuer Identifier; OIDC Discovery §4.1; RFC 8414 §2.
    Stricter: lower-case host, no default port, no empty, dotted or escaped path segment.
    """
    # Python's parser drops tabs and line ends without a word, so they are refused before it is asked.
    if not all("!" <= character <= "~" for character in value):
        raise ValueError("visible ASCII characters only")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not value.startswith(f"{parts.scheme}://"):
        raise ValueError("an https address is expected")
    if "?" in value or "#" in value:
        raise ValueError("no query and no fragment")
    if value.endswith("/"):
        raise ValueError("no slash at the end")
    host = parts.hostname or ""
    authority = f"[{host}]" if ":" in host else host
    if ":" in host:
        ip_address(host)
    elif not _HOST.fullmatch(host):
        raise ValueError("a host name in lower-case ASCII letters is expected (A-labels)")
    default_port = {"http": 80, "https": 443}[parts.scheme]
    if parts.port == default_port:
        raise ValueError(f"leave out the default port {default_port}")
    expected = authority if parts.port is None else f"{authority}:{parts.port}"
    if parts.netloc != expected:
        raise ValueError(f"host and port are to be written {expected}")
    if not _PATH.fullmatch(parts.path) or any(set(segment) == {"."} for segment in parts.path.split("/")[1:]):
        raise ValueError("path segments of letters, digits and -._~ only")
    return value


def is_loopback(issuer: str) -> bool:
    """Whether an issuer's host is this machine, and so plain http does not leave it."""
    return (urlsplit(issuer).hostname or "") in LOOPBACK_HOSTS


Issuer = Annotated[str, AfterValidator(check_issuer)]
OptionalHttps = Annotated[str, AfterValidator(lambda value: _check_https(value) if value else value)]


def _check_https(value: str) -> str:
    if not value.startswith("https://"):
        raise ValueError("an https address is expected")
    return check_issuer(value)


def _check_header_name(value: str) -> str:
    if value and not _HEADER_NAME.fullmatch(value):
        raise ValueError('the name of a header is expected, for example "Client-Cert"')
    return value


HeaderName = Annotated[str, AfterValidator(_check_header_name)]
