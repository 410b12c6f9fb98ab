"""Decodes a video front to back, recording each frame's time and any damage."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import av
from av.container import InputContainer

from sam2_session.storage.frame_table import FrameTable, are_sensible, build_table
from sam2_session.storage.packet_times import PacketTimes
from sam2_session.storage.probe import nominal_rate

RIFF_SIZE = struct.Struct("<4sI")


def is_whole_riff(path: Path) -> bool:
    """Return whether a file is at least as long as its RIFF header says."""
    with path.open("rb") as file:
        start = file.read(RIFF_SIZE.size)
    if len(start) < RIFF_SIZE.size:
        return False
    kind, size = RIFF_SIZE.unpack(start)
    return bool(kind == b"RIFF" and 0 < size <= path.stat().st_size - RIFF_SIZE.size)


class FrameReader:
    """One pass over an open file, frame by frame in presentation order."""

    def __init__(self, container: InputContainer, stream: av.VideoStream) -> None:
        self._container = container
        self._stream = stream
        self._frame_pts: list[int | None] = []
        self._packets_read = PacketTimes()
        self._rate = nominal_rate(stream)
        self._time_base = stream.time_base or 1 / self._rate
        self._damaged_packets = 0
        self._cut_short = False

    def frames(self) -> Iterator[av.VideoFrame]:
        """Decode every readable frame; damage is skipped and remembered for `note`."""
        for packet in self._packets():
            for frame in self._decode(packet):
                self._frame_pts.append(frame.pts)
                yield frame

    def table(self) -> FrameTable:
        """Build the table of the frames so far, exact at the end; callable from any thread."""
        frame_pts, packet_pts = tuple(self._frame_pts), tuple(self._packets_read.times)
        return build_table(frame_pts, packet_pts, time_base=self._time_base, rate=self._rate)

    @property
    def note(self) -> str | None:
        """Describe the file's damage to the user; None if it has none."""
        missing = max(0, len(set(self._packets_read.times)) - len(self._frame_pts))
        if self._cut_short:
            return f"The file ends early; frames that could be read: {len(self._frame_pts)}."
        if self._damaged_packets:
            return f"The file is damaged; frames that could not be read are left out: {missing}."
        lead_in = min(missing, self._before_first_frame())
        if lead_in > self._packets_read.lead_in_hidden:
            return (
                f"The file does not begin with a whole picture: {lead_in} frames at its start "
                "cannot be read and are left out."
            )
        known = sorted({pts for pts in self._frame_pts if pts is not None})
        if not are_sensible(known, self._time_base):
            return f"The file's times make no sense; frames are {float(self._rate):g} a second."
        return None

    def _before_first_frame(self) -> int:
        """Count the frames of the source before the first one that was decoded."""
        shown = [pts for pts in self._frame_pts if pts is not None]
        first = min(shown, default=None)
        if first is None or len(shown) < len(self._frame_pts):
            return 0
        return sum(time < first for time in set(self._packets_read.times))

    def _packets(self) -> Iterator[av.Packet[av.VideoStream] | None]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                self._cut_short = True
                break
            if packet is None:
                break
            if not packet.size:
                continue  # an empty packet flushes the decoder, which is done below
            self._packets_read.add(packet)
            yield packet
        self._cut_short = self._cut_short or self._count_of_times() < self._stream.frames
        yield None  # flushes the frames that the decoder still holds

    def _count_of_times(self) -> int:
        """Count the packets; in an AVI the frames that it drops, too, which are times without one.

        The header counts both, and its times are their numbers; some may be dropped at the end.
        """
        times = self._packets_read.times
        if "avi" in self._container.format.name and times:
            if is_whole_riff(Path(self._container.name.removeprefix("file:"))):
                return self._stream.frames
            return max(len(times), max(times) + 1)
        return self._packets_read.count

    def _decode(self, packet: av.Packet[av.VideoStream] | None) -> list[av.VideoFrame]:
        try:
            return self._stream.codec_context.decode(packet)
        except av.FFmpegError:
            self._damaged_packets += 1
            return []
