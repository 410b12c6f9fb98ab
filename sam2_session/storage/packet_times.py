"""Collects the times of a file's packets: one for each frame that the source has."""

from __future__ import annotations

import av


class PacketTimes:
    """The presentation times of the packets seen so far, without those that an edit list hides.

    A file that was cut without encoding it anew may hide frames of its lead-in though it shows its
    first packet: these count, so that one content has the same numbers in every container.
    """

    def __init__(self) -> None:
        self.times: list[int] = []
        self.count = 0  # of all packets, with or without a time
        self.lead_in_hidden = 0
        self._first_shown: int | None = None  # the time of the first packet, if that is shown

    def add(self, packet: av.Packet[av.VideoStream]) -> bool:
        """Add a packet that is not empty; return whether it is a frame of the source."""
        if not self.count and not packet.is_discard:
            self._first_shown = packet.pts
        is_lead_in = packet.is_discard and self._is_lead_in(packet)
        hidden = packet.is_discard and not is_lead_in
        self.count += 1
        self.lead_in_hidden += is_lead_in
        if packet.pts is not None and not hidden:
            self.times.append(packet.pts)
        return not hidden

    def _is_lead_in(self, packet: av.Packet[av.VideoStream]) -> bool:
        first = self._first_shown
        return first is not None and packet.pts is not None and packet.pts < first
