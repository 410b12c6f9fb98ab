"""Reads a video file's size, rate and length, before any frame is extracted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition

from sam2_session.core.errors import UnsupportedVideo
from sam2_session.core.numbers import is_pixel_aspect, is_rate, time_base_of
from sam2_session.storage.display_matrix import orientation_of

MAX_SIDE = 8192  # pixels
MAX_FRAMES = 100_000
FALLBACK_RATE = Fraction(25)
# playlists and the like could open other files and addresses: allow only these, on this file
CONTAINERS = (
    "mov,matroska,avi,mpegts,mpeg,mpegvideo,asf,flv,ogg,gif,apng,mxf,dv,nut,ivf,mjpeg,rm,wtv,"
    "h261,h263,h264,hevc,av1,obu,m4v,vc1,dirac,yuv4mpegpipe,nsv,nuv,gxf,dhav"
)
OPEN_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
CONVERT = "Convert it to H.264 MP4 (ffmpeg -i in -c:v libx264 out.mp4) and add that."
SQUARE = Fraction(1)


@dataclass(frozen=True, slots=True)
class VideoProbe:
    """Properties from a file's headers: size after rotation, in pixels; `num_frames` may be off.

    `pixel_aspect` is the width of a pixel over its height, as it is shown.
    """

    width: int
    height: int
    rotation: int  # degrees clockwise that were applied: 0, 90, 180, 270
    fps: Fraction
    time_base: Fraction
    num_frames: int
    pixel_aspect: Fraction = SQUARE


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, av.VideoStream]]:
    """Open a file and its video track. Raises UnsupportedVideo."""
    if not path.is_file():
        raise UnsupportedVideo(f"{path.name} is not a file.", hint="Put a video file there.")
    try:
        container = av.open(f"file:{path}", options=OPEN_OPTIONS, metadata_errors="replace")
    except av.FFmpegError as error:
        raise UnsupportedVideo(f"{path.name} cannot be read as a video.", hint=CONVERT) from error
    with container:
        stream = container.streams.best("video")
        if not isinstance(stream, av.VideoStream) or is_cover_art(stream):
            raise UnsupportedVideo(f"{path.name} has no video track.", hint=CONVERT)
        _refuse_absurd_size(path, stream.codec_context.width, stream.codec_context.height)
        stream.thread_type = "AUTO"
        yield container, stream


def probe(path: Path) -> VideoProbe:
    """Read the headers and decode one frame; count packets if no header gives the length."""
    with open_video(path) as (container, stream):
        first = _first_frame(path, container, stream)
        _refuse_absurd_size(path, first.width, first.height)
        orientation = orientation_of(first)
        width, height = orientation.shown_size(first.width, first.height)
        rate = nominal_rate(stream)
        time_base = time_base_of(stream.time_base) or 1 / rate
        num_frames = stream.frames
        pixel_aspect = pixel_aspect_of(stream)
    if not 0 < num_frames <= MAX_FRAMES:
        num_frames = _count_packets(path)
    rotation = orientation.rotation
    shown_aspect = 1 / pixel_aspect if orientation.transpose else pixel_aspect
    return VideoProbe(width, height, rotation, rate, time_base, num_frames, shown_aspect)


def is_cover_art(stream: av.VideoStream) -> bool:
    """Return whether a video track is only the picture that belongs to a piece of music."""
    return bool(stream.disposition & Disposition.attached_pic)


def pixel_aspect_of(stream: av.VideoStream) -> Fraction:
    """Width of a stored pixel over its height; 1 if the file says nothing, or nonsense."""
    aspect = stream.sample_aspect_ratio
    return aspect if aspect is not None and is_pixel_aspect(aspect) else SQUARE


def nominal_rate(stream: av.VideoStream) -> Fraction:
    """Frames per second according to the file; a fallback if it has none or nonsense."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate is not None and is_rate(rate):
            return rate
    return FALLBACK_RATE


def too_many_frames(path: Path) -> UnsupportedVideo:
    """Make the error for a video with too many frames."""
    return UnsupportedVideo(
        f"{path.name} has more than {MAX_FRAMES} frames.",
        hint="Cut it into parts (ffmpeg -ss START -t LENGTH -i in -c copy out.mp4).",
    )


def _first_frame(path: Path, container: InputContainer, stream: av.VideoStream) -> av.VideoFrame:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            if packet is None:
                break
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    return frame
        except av.InvalidDataError:
            continue  # a damaged packet; the next one may be whole
        except av.FFmpegError:
            break
    raise UnsupportedVideo(f"Not one frame of {path.name} can be decoded.", hint=CONVERT)


def _count_packets(path: Path) -> int:
    count = 0
    with open_video(path) as (container, stream):
        try:
            for packet in container.demux(stream):
                count += bool(packet.size) and not packet.is_discard
                if count > MAX_FRAMES:
                    raise too_many_frames(path)
        except av.FFmpegError:
            pass  # the file is cut short: count what is there
    return max(count, 1)


def _refuse_absurd_size(path: Path, width: int, height: int) -> None:
    if width > MAX_SIDE or height > MAX_SIDE:
        raise UnsupportedVideo(
            f"{path.name} is {width}x{height}; a side may have at most {MAX_SIDE} pixels.",
            hint="Scale it down (ffmpeg -i in -vf scale=3840:-2 out.mp4) and add that.",
        )
