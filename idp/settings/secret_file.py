"""Files that hold a secret: who may read them, and what a key in one looks like."""

import base64
import binascii
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

KEY_BYTES: Final = 32
_OTHERS: Final = stat.S_IRWXO


class SecretFileUnusable(Exception):
    """The file does not hold a secret that may be used; the message says why, and never what is in it."""


def check_secret_file(path: Path) -> None:
    """That a file is there, is a regular file, and is closed to everybody but its owner and group.

    Raises:  SecretFileUnusable.
    Stricter: a group may read it, since that is how services are given secrets; write access of others is refused too.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise SecretFileUnusable(f"{path}: {error.strerror}") from None
    if not stat.S_ISREG(status.st_mode):
        raise SecretFileUnusable(f"{path} is not a file")
    if status.st_mode & _OTHERS:
        raise SecretFileUnusable(f"{path} can be opened by every user of the machine; chmod o= {path}")
    if not os.access(path, os.R_OK):
        raise SecretFileUnusable(f"{path} cannot be read by this process")


def read_secret_file(path: Path) -> str:
    """The text of a secret, without the line end that editors leave.

    Raises: SecretFileUnusable: as ``check_secret_file``, or empty, or not text.
    """
    check_secret_file(path)
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise SecretFileUnusable(f"{path} cannot be read as text") from None
    if not text:
        raise SecretFileUnusable(f"{path} is empty")
    return text


def read_key_file(path: Path) -> bytes:
    """A key out of its file: base64url of 32 random bytes, as ``create_key_file`` writes it.

    Returns: 32 bytes.
    Raises:  SecretFileUnusable: as ``read_secret_file``, or another form, or bytes that nobody drew at random.
    """
    text = read_secret_file(path)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SecretFileUnusable(f"{path} is not base64url") from None
    if len(key) != KEY_BYTES:
        raise SecretFileUnusable(f"{path} has to hold {KEY_BYTES} bytes in base64url")
    # 32 random bytes have fewer than 16 different values once in 10^19 files; an example or a typed-in key is caught.
    if len(set(key)) < KEY_BYTES // 2:
        raise SecretFileUnusable(f"{path} does not hold random bytes")
    return key


def create_key_file(path: Path, randomness: Callable[[int], bytes] = secrets.token_bytes) -> bool:
    """A new key in a new file that only the owner can open.

    Returns: False where a file is there already; it is left alone.
    Effect:  the file appears whole or not at all, so that two processes which start together read one key.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.urlsafe_b64encode(randomness(KEY_BYTES)).rstrip(b"=") + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link, unlike a rename, fails where the name is taken.
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
