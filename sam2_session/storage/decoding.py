"""Decodes a video front to back, recording each frame's time and any damage."""

from __future__ import annotations

from collections.abc import Iterator

import av
from av.container import InputContainer

from sam2_session.storage.frame_table import FrameTable, build_table
from sam2_session.storage.probe import nominal_rate


class FrameReader:
    """One pass over an open file, frame by frame in presentation order."""

    def __init__(self, container: InputContainer, stream: av.VideoStream) -> None:
        self._container = container
        self._stream = stream
        self._frame_pts: list[int | None] = []
        self._packet_pts: list[int] = []
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
        frame_pts, packet_pts = tuple(self._frame_pts), tuple(self._packet_pts)
        return build_table(frame_pts, packet_pts, time_base=self._time_base, rate=self._rate)

    @property
    def note(self) -> str | None:
        """Describe the file's damage to the user; None if it has none."""
        if self._cut_short:
            return f"The file ends early; frames that could be read: {len(self._frame_pts)}."
        if self._damaged_packets:
            missing = max(0, len(set(self._packet_pts)) - len(self._frame_pts))
            return f"The file is damaged; frames that could not be read are left out: {missing}."
        return None

    def _packets(self) -> Iterator[av.Packet[av.VideoStream] | None]:
        packets = self._container.demux(self._stream)
        count = 0
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
            count += 1
            if packet.pts is not None and not packet.is_discard:  # kept by the edit list
                self._packet_pts.append(packet.pts)
            yield packet
        self._cut_short = self._cut_short or count < self._stream.frames
        yield None  # flushes the frames that the decoder still holds

    def _decode(self, packet: av.Packet[av.VideoStream] | None) -> list[av.VideoFrame]:
        try:
            return self._stream.codec_context.decode(packet)
        except av.FFmpegError:
            self._damaged_packets += 1
            return []
