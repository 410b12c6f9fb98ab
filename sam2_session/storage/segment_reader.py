"""Decodes a stretch of a video file; its frames are those of the whole file, bit for bit."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain

import av
from av.container import InputContainer

from sam2_session.storage.decoding import FrameReader
from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.packet_index import PacketIndex
from sam2_session.storage.probe import nominal_rate
from sam2_session.storage.video_record import Segment

KEYFRAMES_TO_TRY = 3  # a seek may land behind the frame it was for


def missing_note(missing: int) -> str | None:
    """Say how many frames of a segment its file should have and has not; None without any."""
    if missing <= 0:
        return None
    return f"Frames of this segment that cannot be read are left out: {missing}."


class SegmentReader:
    """One pass over the frames of a segment, in presentation order.

    It begins at the keyframe before them, or at the file's start if the file cannot be searched.
    """

    def __init__(
        self,
        container: InputContainer,
        stream: av.VideoStream,
        *,
        segment: Segment,
        index: PacketIndex,
    ) -> None:
        self._container = container
        self._stream = stream
        self._segment = segment
        self._index = index
        self._time_base = stream.time_base or 1 / nominal_rate(stream)
        self._pts: list[int] = []
        self._whole: FrameReader | None = None  # while the file is decoded from its start
        self._count = 0

    def frames(self) -> Iterator[av.VideoFrame]:
        """Decode the readable frames of the segment; damage is skipped."""
        frames = self._sought() if self._index.keyframes else self._counted()
        for frame in frames:
            self._count += 1
            yield frame

    def table(self) -> FrameTable:
        """Build the table of the frames so far, exact at the end; callable from any thread."""
        first = self._segment.first_frame
        if self._whole is not None:
            whole = self._whole.table()
            pts = whole.pts[first : first + self._count]
            numbers = tuple(range(first, first + len(pts)))
            return FrameTable(whole.time_base, pts, numbers, whole.pts[0] if whole.pts else None)
        times = tuple(self._pts)
        numbers = tuple(bisect_left(self._index.pts, time) for time in times)
        start = self._index.pts[0] if self._index.pts else None
        return FrameTable(self._time_base, times, numbers, start)

    @property
    def note(self) -> str | None:
        """Say how many frames of the segment are missing; None if there are none."""
        segment = self._segment
        hidden = min(self._index.hidden, segment.last_frame + 1) - segment.first_frame
        return missing_note(segment.num_frames - self._count - max(0, hidden))

    def _sought(self) -> Iterator[av.VideoFrame]:
        times = self._index.pts
        if self._segment.first_frame >= len(times):
            return
        first = times[self._segment.first_frame]
        last = times[min(self._segment.last_frame, len(times) - 1)]
        for frame in self._decoded_from_before(first):
            if frame.pts is None or frame.pts < first:
                continue
            if frame.pts > last:
                return
            self._pts.append(frame.pts)
            yield frame

    def _decoded_from_before(self, pts: int) -> Iterator[av.VideoFrame]:
        """Decode from the nearest keyframe from which the frame of this time is reached."""
        near = self._index.keyframes_before(pts, KEYFRAMES_TO_TRY)
        for dts in [*near, self._index.keyframes[0][1]]:
            self._container.seek(dts, stream=self._stream, backward=True)
            frames = self._decoded()
            found = next(frames, None)
            if found is not None and found.pts is not None and found.pts <= pts:
                return chain([found], frames)
        return chain([found] if found else [], frames)

    def _decoded(self) -> Iterator[av.VideoFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                yield from self._stream.codec_context.decode(packet if packet.size else None)
            except av.EOFError:
                return
            except av.InvalidDataError:
                continue  # a damaged packet; the next one may be whole
            except av.FFmpegError:
                return

    def _counted(self) -> Iterator[av.VideoFrame]:
        """Decode from the file's start, and leave out what lies before and behind."""
        self._whole = FrameReader(self._container, self._stream)
        for number, frame in enumerate(self._whole.frames()):
            if number > self._segment.last_frame:
                return
            if number >= self._segment.first_frame:
                yield frame
