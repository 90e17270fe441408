"""A client of the socket card framing, and by its shape also pcscd's side of vpcd."""

import socket


class CardClient:
    def __init__(self, stream: socket.socket) -> None:
        self.stream = stream
        stream.settimeout(5)

    def send(self, message: bytes) -> None:
        self.stream.sendall(len(message).to_bytes(2) + message)

    def receive(self) -> bytes:
        """The next answer, or nothing where the card closed the stream."""
        header = self._receive_bytes(2)
        return self._receive_bytes(int.from_bytes(header)) if header else b""

    def transmit(self, apdu: bytes) -> bytes:
        self.send(apdu)
        return self.receive()

    def _receive_bytes(self, length: int) -> bytes:
        received = b""
        while len(received) < length and (part := self.stream.recv(length - len(received))):
            received += part
        return received
