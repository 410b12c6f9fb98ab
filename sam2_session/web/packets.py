"""Socket.IO packets with bounds: strict JSON, a few attachments, no walk over large answers."""

from __future__ import annotations

from typing import Any

import orjson
from socketio.packet import BINARY_EVENT, EVENT, Packet

from sam2_session.web.strict_json import StrictJson

MAX_ATTACHMENTS = 4  # no event of ours carries more than one PNG
UNREADABLE = "unreadable"  # the event that an ack is asked for, but that is no JSON


class BoundedPacket(Packet):  # type: ignore[misc]
    """The packet class of this server."""

    json = StrictJson

    def decode(self, encoded_packet: str) -> int:
        """How many attachments follow; no JSON is the event `unreadable` with what is wrong.

        Raises ValueError for too many, and for no JSON where nobody waits for an ack.
        """
        try:
            count = int(super().decode(encoded_packet))
        except orjson.JSONDecodeError as error:
            count = self._unread(encoded_packet, error)
        if count > MAX_ATTACHMENTS:
            raise ValueError("too many attachments")
        return count

    def _unread(self, encoded_packet: str, error: orjson.JSONDecodeError) -> int:
        if self.packet_type not in (EVENT, BINARY_EVENT) or self.id is None:
            raise error
        self.data = [UNREADABLE, str(error)]
        return int(encoded_packet[1:].partition("-")[0]) if self.packet_type == BINARY_EVENT else 0

    @classmethod
    def data_is_binary(cls, data: Any) -> bool:
        """Whether bytes are inside: the encoder finds out faster than a walk in Python."""
        try:
            orjson.dumps(data)
        except TypeError:
            return True
        return False
