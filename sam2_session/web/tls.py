"""Encrypts connections with a certificate of the user's, without a proxy."""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import Any

from sam2_session.core.errors import InvalidRequest
from sam2_session.options import InvalidSettings
from sam2_session.runtime import Lock, Socket

RECEIVE_BYTES = 16 * 1024


Certificate = ssl.SSLContext


def read_certificate(cert: str, key: str) -> Certificate | None:
    """Read a certificate with its chain, and its key, from PEM files; None for no file.

    Raises InvalidSettings.
    """
    if not cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key or None, password=_no_password)
    except (OSError, ValueError) as error:
        raise InvalidSettings(
            f"The certificate {cert} and its key cannot be used: {error}.",
            hint="--tls-cert and --tls-key take PEM files; the key must have no password.",
        ) from error
    return context


def _no_password() -> str:
    raise ValueError("the key has a password")


class TlsPeer:
    """TLS over a socket, which one thread may read while another writes.

    Python's own TLS socket is one OpenSSL object for both directions, which two threads must not
    use at once. Here every use of it is short and under a lock, since it works on memory alone; the
    handshake happens with the first read, in the thread of the connection.
    """

    def __init__(self, peer: Socket, context: ssl.SSLContext) -> None:
        self._peer = peer
        self._received, self._to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._received, self._to_send, server_side=True)
        self._lock = Lock()  # around every use of the three above
        self._is_plain = False  # the client speaks http, and is told so in http
        self._sending = Lock()  # keeps what is sent in the order in which it was encrypted

    def recv(self, size: int, /) -> bytes:
        """Receive and decrypt up to `size` bytes; empty at the end. Raises OSError.

        Raises InvalidRequest if the client does not speak TLS.
        """
        while True:
            with self._lock:
                data = self._decrypt(size)
            self._flush()
            if data is not None:
                return data
            encrypted = self._peer.recv(RECEIVE_BYTES)
            with self._lock:
                if encrypted:
                    self._received.write(encrypted)
                else:
                    self._received.write_eof()

    def send(self, data: Any, /) -> int:
        """Encrypt and send a part of the data; returns how much. Raises OSError."""
        part = memoryview(data)[:RECEIVE_BYTES]
        if self._is_plain:
            return self._peer.send(part)
        with self._sending:
            with self._lock:
                sent = self._tls.write(part)
            self._send_encrypted()
        return sent

    def _decrypt(self, size: int) -> bytes | None:
        """Decrypt what has come; None if that is not enough."""
        try:
            return self._tls.read(size)
        except ssl.SSLWantReadError:
            return None
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""
        except ssl.SSLError as error:
            if error.reason != "HTTP_REQUEST":
                raise
            self._is_plain = True
            raise InvalidRequest(
                "This server speaks https, not http.", hint="Use https:// in the address."
            ) from error

    def _flush(self) -> None:
        if self._to_send.pending:
            with self._sending:
                self._send_encrypted()

    def _send_encrypted(self) -> None:
        with self._lock:
            encrypted = self._to_send.read()
        if encrypted:
            self._peer.sendall(encrypted)

    def settimeout(self, timeout_s: float | None, /) -> None:
        """Set the time for one read or write."""
        self._peer.settimeout(timeout_s)

    def setsockopt(self, level: int, name: int, value: int, /) -> None:
        self._peer.setsockopt(level, name, value)

    def shutdown(self, how: int, /) -> None:
        self._peer.shutdown(how)

    def getsockname(self) -> Any:
        return self._peer.getsockname()

    def fileno(self) -> int:
        return self._peer.fileno()

    def close(self) -> None:
        """Say goodbye if that needs no waiting, and close the socket."""
        with suppress(OSError), self._lock:
            self._peer.settimeout(0.0)
            with suppress(ssl.SSLError):
                self._tls.unwrap()
            self._peer.send(self._to_send.read())
        self._peer.close()
