"""A card on a socket, written from the protocol's appendix A and the public commands of the JPKI application."""

import datetime
import socket
import threading
from types import TracebackType
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

APPLICATION: Final = bytes.fromhex("D392F000260100000001")
FULL_TRIES: Final = 3
FULL_SIGNING_TRIES: Final = 5


def make_certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """A self-signed certificate of an invented card, DER."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test Card of the Agent's Own Tests")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, start, start + datetime.timedelta(days=3650))
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


class CardDouble:
    """The applet and its listening port. Attributes may be set by a test before the agent comes."""

    def __init__(self, key: rsa.RSAPrivateKey, certificate: bytes | None) -> None:
        self.key = key
        self.certificate = certificate
        self.pin = b"1234"
        self.tries_left = FULL_TRIES
        self.signing_certificate: bytes | None = None
        self.signing_password = b"ABC123"
        self.signing_tries_left = FULL_SIGNING_TRIES
        self.presence: bytes | None = b"\x8f\x8f\x00"
        self.locked_status = 0x6984
        self.has_application = True
        self.is_phone = False
        self.leaves_at: int | None = None
        self.garbage: bytes | None = None
        self.commands: list[bytes] = []
        self.controls: list[int] = []
        self.is_idle = threading.Event()
        self._power_up()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> "CardDouble":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    @property
    def choice(self) -> str:
        """What ``--card`` is given."""
        return f"socket:127.0.0.1:{self.port}"

    def _power_up(self) -> None:
        self._is_selected = False
        self._file = 0
        self._verified = {0x0018: False, 0x001B: False}

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.is_idle.clear()
                self._converse(connection)
                self.is_idle.set()

    def _converse(self, connection: socket.socket) -> None:
        try:
            while header := connection.recv(2, socket.MSG_WAITALL):
                message = connection.recv(int.from_bytes(header, "big"), socket.MSG_WAITALL)
                if len(message) == 1:
                    self.controls.append(message[0])
                    self._power_up()
                    continue
                self.commands.append(message)
                if self.leaves_at is not None and len(self.commands) >= self.leaves_at:
                    return
                answer = self.answer(message) if self.garbage is None else self.garbage
                connection.sendall(len(answer).to_bytes(2, "big") + answer)
        except OSError:
            return

    def answer(self, command: bytes) -> bytes:
        """The response APDU."""
        data, status = self._process(command)
        return data + status.to_bytes(2, "big")

    def _process(self, command: bytes) -> tuple[bytes, int]:
        instruction, first, second = command[1], command[2], command[3]
        if instruction == 0xA4 and first == 0x04:
            self._is_selected = self.has_application and command[5:] == APPLICATION
            return b"", 0x9000 if self._is_selected else 0x6A82
        if not self._is_selected:
            return b"", 0x6986
        if instruction == 0xA4 and first == 0x02:
            self._file = int.from_bytes(command[5:7], "big")
            is_there = self._file in (0x0017, 0x0018, 0x001A, 0x001B) or self._content() is not None
            return b"", 0x9000 if is_there else 0x6A82
        if instruction == 0xB0:
            return self._read(first << 8 | second, command[4] or 256)
        if instruction == 0x20:
            return b"", self._verify(command[5:])
        if instruction == 0x2A:
            return self._sign(command[5:-1])
        return b"", 0x6D00

    def _content(self) -> bytes | None:
        return {0x000A: self.certificate, 0x0001: self.signing_certificate, 0x0008: self.presence}.get(self._file)

    def _read(self, offset: int, length: int) -> tuple[bytes, int]:
        content = self._content()
        if content is None:
            return b"", 0x6986
        wanted = {0x0001: 0x001B, 0x000A: 0x0018 if self.is_phone else 0}.get(self._file, 0)
        if wanted and not self._verified[wanted]:
            return b"", 0x6982
        return content[offset : offset + length], 0x9000

    def _verify(self, pin: bytes) -> int:
        is_signing = self._file == 0x001B
        left = self.signing_tries_left if is_signing else self.tries_left
        if left == 0:
            return self.locked_status
        if not pin:
            return 0x63C0 | left
        is_right = pin == (self.signing_password if is_signing else self.pin)
        self._verified[self._file] = is_right
        left = (FULL_SIGNING_TRIES if is_signing else FULL_TRIES) if is_right else left - 1
        if is_signing:
            self.signing_tries_left = left
        else:
            self.tries_left = left
        return 0x9000 if is_right else 0x63C0 | left

    def _sign(self, data: bytes) -> tuple[bytes, int]:
        wanted = {0x0017: 0x0018, 0x001A: 0x001B}.get(self._file)
        if wanted is None or not self._verified[wanted]:
            return b"", 0x6982
        # The card pads by itself, PKCS #1 v1.5 type 1 (RFC 8017 §9.2), whatever it is given.
        padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(data)) + b"\x00" + data
        numbers = self.key.private_numbers()
        return pow(int.from_bytes(padded, "big"), numbers.d, numbers.public_numbers.n).to_bytes(256, "big"), 0x9000
