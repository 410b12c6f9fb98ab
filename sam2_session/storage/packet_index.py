"""Indexes the packets of a video file, to decode a stretch of it without what lies before."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

import av

from sam2_session.storage.packet_times import PacketTimes
from sam2_session.storage.probe import open_video


@dataclass(frozen=True, slots=True)
class PacketIndex:
    """The times of all frames of a file, in presentation order, and where decoding can begin.

    `keyframes` are ``(pts, dts)`` in units of the stream's time base, rising; empty for a file that
    has to be decoded from its start. Of the first frames, `hidden` are never shown.
    """

    pts: tuple[int, ...]
    keyframes: tuple[tuple[int, int], ...]
    hidden: int = 0

    def keyframes_before(self, pts: int, count: int) -> list[int]:
        """Return the `dts` of the last keyframes shown at this time or before, latest first."""
        end = bisect_right(self.keyframes, pts, key=lambda keyframe: keyframe[0])
        return [dts for _, dts in reversed(self.keyframes[max(0, end - count) : end])]


def index_packets(path: Path) -> PacketIndex:
    """Read every packet of a file, without decoding. Raises `UnsupportedVideo`."""
    packets = PacketTimes()
    shown = 0
    keyframes: list[tuple[int, int]] = []
    with open_video(path) as (container, stream):
        is_avi = "avi" in container.format.name  # stores no times
        try:
            for packet in container.demux(stream):
                if not packet.size or not packets.add(packet):
                    continue
                shown += 1
                if packet.is_keyframe and packet.pts is not None and packet.dts is not None:
                    keyframes.append((packet.pts, packet.dts))
        except av.FFmpegError:
            pass  # the file is cut short: index what is there
    pts = sorted(set(packets.times))
    usable = not is_avi and len(pts) == shown
    rising = tuple(sorted(keyframes)) if usable else ()
    return PacketIndex(tuple(pts), rising, packets.lead_in_hidden)
