"""Limits Socket.IO packets to strict JSON and a few attachments."""

from __future__ import annotations

from typing import Any

import orjson
from socketio.packet import BINARY_EVENT, EVENT, Packet

from sam2_session.web.strict_json import StrictJson

MAX_ATTACHMENTS = 4  # our events carry one PNG at most
UNREADABLE = "unreadable"  # stands for an event of invalid JSON whose client waits for an ack


class BoundedPacket(Packet):  # type: ignore[misc]
    """A Socket.IO packet with limits on what clients send."""

    json = StrictJson

    def decode(self, encoded_packet: str) -> int:
        """Decode a packet, and return how many attachments follow.

        Invalid JSON becomes the event `unreadable`, with the reason, if the client waits for an
        acknowledgement. Raises ValueError if it does not, and for too many attachments.
        """
        try:
            count = int(super().decode(encoded_packet))
        except orjson.JSONDecodeError as error:
            count = self._make_unreadable(encoded_packet, error)
        if count > MAX_ATTACHMENTS:
            raise ValueError("too many attachments")
        return count

    def _make_unreadable(self, encoded_packet: str, error: orjson.JSONDecodeError) -> int:
        if self.packet_type not in (EVENT, BINARY_EVENT) or self.id is None:
            raise error
        self.data = [UNREADABLE, str(error)]
        return int(encoded_packet[1:].partition("-")[0]) if self.packet_type == BINARY_EVENT else 0

    @classmethod
    def data_is_binary(cls, data: Any) -> bool:
        """Whether the data holds bytes; trying to encode it is faster than a walk in Python."""
        try:
            orjson.dumps(data)
        except TypeError:
            return True
        return False
