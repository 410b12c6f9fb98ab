"""Socket.IO packets with bounds: strict JSON, a few attachments, no walk over large answers."""

from __future__ import annotations

from typing import Any

import orjson
from socketio.packet import Packet

from sam2_session.web.strict_json import StrictJson

MAX_ATTACHMENTS = 4  # no event of ours carries more than one PNG


class BoundedPacket(Packet):  # type: ignore[misc]
    """The packet class of this server."""

    json = StrictJson

    def decode(self, encoded_packet: str) -> int:
        """How many attachments follow. Raises ValueError for too many, or for no JSON."""
        count = int(super().decode(encoded_packet))
        if count > MAX_ATTACHMENTS:
            raise ValueError("too many attachments")
        return count

    @classmethod
    def data_is_binary(cls, data: Any) -> bool:
        """Whether bytes are inside: the encoder finds out faster than a walk in Python."""
        try:
            orjson.dumps(data)
        except TypeError:
            return True
        return False
