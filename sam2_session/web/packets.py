"""Limits Socket.IO packets to strict JSON and a few attachments."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from socketio.packet import BINARY_ACK, BINARY_EVENT, EVENT, Packet

from sam2_session.web.strict_json import StrictJson

MAX_ATTACHMENTS = 4  # our events carry one PNG at most
UNREADABLE = "unreadable"  # stands for an event that is none and whose client waits for an ack
RESERVED = ("*", "connect", "connect_error", "disconnect")  # the library's own names

logger = logging.getLogger(__name__)


class BoundedPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet with limits on what clients send."""

    json = StrictJson

    def decode(self, encoded_packet: str) -> int:
        """Decode a packet, and return how many attachments follow.

        What is no event becomes the event `unreadable`, with the reason, if the client waits for an
        acknowledgement. Raises ValueError if it does not, and for a bad number of attachments.
        """
        try:
            count = int(super().decode(encoded_packet))
            if self.packet_type in (EVENT, BINARY_EVENT):
                _check_event(self.data)
        except ValueError as error:
            count = self._make_unreadable(encoded_packet, error)
        if count > MAX_ATTACHMENTS or (
            self.packet_type in (BINARY_EVENT, BINARY_ACK) and not count
        ):
            logger.warning("A client's packet names %d attachments.", count)
            raise ValueError("a bad number of attachments")
        return count

    def _make_unreadable(self, encoded_packet: str, error: ValueError) -> int:
        if self.packet_type not in (EVENT, BINARY_EVENT) or self.id is None:
            logger.warning("A client's packet cannot be read: %s", str(error)[:200])
            raise error
        self.data = [UNREADABLE, str(error)]
        return int(encoded_packet[1:].partition("-")[0]) if self.packet_type == BINARY_EVENT else 0

    @classmethod
    def reconstruct_binary(cls, data: Any, attachments: list[bytes]) -> Any:
        """Put the attachments in their places; a place that does not exist makes it unreadable."""
        try:
            return super().reconstruct_binary(data, attachments)
        except (LookupError, TypeError):
            return [UNREADABLE, "it has no such attachment"]

    @classmethod
    def data_is_binary(cls, data: Any) -> bool:
        """Tell if the data holds bytes; trying to encode it is faster than a walk in Python."""
        try:
            orjson.dumps(data)
        except TypeError:
            return True
        return False


def _check_event(data: Any) -> None:
    """Raise ValueError unless the data is a list that begins with the name of an event."""
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        raise ValueError("an event is a list that begins with its name")
    if data[0] in RESERVED:
        raise ValueError(f"{data[0]} is no event of a client")
