"""Writes the video with its masks drawn over it, as an MP4 that browsers play."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import av
import numpy as np

from sam2_session.core.types import FramePrompt
from sam2_session.formats.exporting.export import Export, FramesDone
from sam2_session.formats.exporting.layers import RULE
from sam2_session.formats.exporting.options import FormatOption
from sam2_session.formats.exporting.source import Pair, SourceVideo
from sam2_session.formats.rendered.overlay_drawing import (
    Picture,
    Tint,
    put_labels,
    put_prompt,
    tint,
)

OPACITY = FormatOption("opacity", 0.5, "Opacity of the colour over a mask.", low=0.0, high=1.0)
LABELS = FormatOption("labels", False, "Show the name of each object.")
PROMPTS = FormatOption("prompts", False, "Show points and boxes on their frames.")
SIDE_BY_SIDE = FormatOption("side_by_side", False, "Show the original video on the left.")
QUALITY = FormatOption(
    "crf", 20, "Quality of H.264: lower is better, with a larger file.", low=0, high=51
)
OPTIONS = (OPACITY, LABELS, PROMPTS, SIDE_BY_SIDE, QUALITY)

BT709 = 1  # the colour space that browsers assume, stated explicitly
THREADS = "2"  # fixed, so that the bytes do not depend on the machine


def write(export: Export) -> FramesDone:
    """Write every frame at its own time, with or without masks."""
    export.facts["overlap"] = RULE
    prompts = {pair: dict(export.source.prompts(pair)) for pair in export.source.pairs}
    with _Mp4.opened(export) as video:
        for frame_idx in export.source.frames:
            video.add(frame_idx, _draw(export, frame_idx, prompts))
            yield frame_idx


def _draw(export: Export, frame_idx: int, prompts: dict[Pair, dict[int, FramePrompt]]) -> Picture:
    before = np.asarray(export.source.read_frame(frame_idx), np.uint8)
    picture = before.copy()
    named = []
    for pair, read in export.masks(frame_idx):
        look = Tint(pair.colour, float(export.options["opacity"]))
        tint(picture, read.mask_hw, read.note.facts, look)
        if export.options["labels"]:
            named.append((pair, read))
    if export.options["prompts"]:
        for pair, frames in prompts.items():
            put_prompt(picture, frames.get(frame_idx, FramePrompt()), pair.colour)
    if named:
        picture = put_labels(picture, named)
    return np.hstack([before, picture]) if export.options["side_by_side"] else picture


class _Mp4:
    """An H.264 track that keeps the source's timestamps."""

    def __init__(self, container: av.container.OutputContainer, video: SourceVideo, first: int):
        self._container = container
        self._video = video
        self._first = first
        self._stream: av.VideoStream | None = None
        self._end_pts = 0  # the end of the last frame
        self._held: av.Packet[av.VideoStream] | None = None  # the last one that was encoded

    @classmethod
    @contextmanager
    def opened(cls, export: Export) -> Iterator[_Mp4]:
        """Open the file; at the end, write the frames that the encoder still holds."""
        frames = export.source.frames
        options = {"movflags": "+faststart"}  # the index comes first: it plays while it loads
        with av.open(str(export.path), "w", format="mp4", options=options) as container:
            container.metadata["comment"] = json.dumps(export.summary()["frames"])
            video = cls(container, export.source.video, frames.start)
            video._begin(export)
            yield video
            video._end()

    def add(self, frame_idx: int, picture: Picture) -> None:
        """Add the next frame; odd sizes get one more line, since H.264 needs even ones."""
        assert self._stream is not None
        odd = (picture.shape[0] % 2, picture.shape[1] % 2)
        even = np.pad(picture, ((0, odd[0]), (0, odd[1]), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace=BT709)
        frame.pts = self._video.pts[frame_idx] - self._video.pts[self._first]
        frame.time_base = self._video.time_base
        self._end_pts = frame.pts + self._duration(frame_idx)
        self._mux(self._stream.encode(frame))

    def _begin(self, export: Export) -> None:
        height, width = self._video.size_hw
        wide = width * (2 if export.options["side_by_side"] else 1)
        stream = self._container.add_stream("libx264", rate=_rate(self._video.fps))
        assert isinstance(stream, av.VideoStream)
        context = stream.codec_context
        context.width, context.height = wide + wide % 2, height + height % 2
        context.pix_fmt, context.time_base = "yuv420p", self._video.time_base
        context.sample_aspect_ratio = self._video.pixel_aspect
        context.colorspace = context.color_primaries = context.color_trc = BT709
        crf = str(export.options["crf"])
        context.options = {"crf": crf, "preset": "veryfast", "threads": THREADS}
        self._stream = stream

    def _end(self) -> None:
        assert self._stream is not None
        self._mux(self._stream.encode(None))
        if self._held is not None:  # its duration says when the video ends
            self._held.duration = self._end_pts - (self._held.pts or 0)
            self._container.mux(self._held)

    def _duration(self, frame_idx: int) -> int:
        """Return how long the source shows a frame, in units of its time base."""
        pts = self._video.pts
        if frame_idx + 1 < len(pts):
            return pts[frame_idx + 1] - pts[frame_idx]
        return max(1, round(1 / (_rate(self._video.fps) * self._video.time_base)))

    def _mux(self, packets: list[av.Packet[av.VideoStream]]) -> None:
        for packet in packets:
            if self._held is not None:
                self._container.mux(self._held)
            self._held = packet


def _rate(fps: Fraction) -> Fraction:
    return fps.limit_denominator(1001) if fps > 0 else Fraction(25)
