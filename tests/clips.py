"""Makes small real videos: every container, odd sizes, B-frames, uneven rates, rotation, damage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.stream import Disposition

H264 = (".mp4", ".mov", ".mkv", ".m4v", ".3gp", ".ts", ".mts", ".m2ts", ".flv")
CODECS = {
    **dict.fromkeys(H264, "libx264"),
    **dict.fromkeys((".mpg", ".mxf"), "mpeg2video"),
    ".avi": "mpeg4",
    **dict.fromkeys((".wmv", ".asf"), "wmv2"),
    ".gif": "gif",
}
MUXERS = {".m4v": "mp4", ".mts": "mpegts", ".m2ts": "mpegts"}


def frame_rgb_hwc(frame_idx: int, width: int, height: int) -> npt.NDArray[np.uint8]:
    """A frame that says which one it is: the left third's grey is its number, a corner is red."""
    image = np.full((height, width, 3), 90, np.uint8)
    image[:, : width // 3] = grey_of(frame_idx)
    image[: height // 4, -(width // 4) :] = (220, 20, 20)  # top right
    return image


def grey_of(frame_idx: int) -> int:
    """The grey of the left third of frame `frame_idx`."""
    return 20 + frame_idx * 37 % 200


def make_clip(
    path: Path,
    *,
    frames: int = 12,
    size: tuple[int, int] = (96, 64),
    rate: Fraction = Fraction(30),
    pts: Sequence[int] | None = None,
    b_frames: int = 0,
    rotation: int = 0,
    codec: str | None = None,
    options: dict[str, str] | None = None,
    pixel_aspect: Fraction | None = None,
    interlaced: bool = False,
) -> Path:
    """Write a clip of `size` (width, height); `pts` in thousandths of a second make it uneven.

    `rotation` is the display matrix's, in degrees counter-clockwise.
    """
    width, height = size
    suffix = path.suffix.lower()
    name = codec or CODECS.get(suffix, "libvpx-vp9")
    with av.open(str(path), "w", format=MUXERS.get(suffix), options=options or {}) as container:
        stream = container.add_stream(name, rate=rate)
        assert isinstance(stream, av.VideoStream)
        context = stream.codec_context
        context.width, context.height = width, height
        context.pix_fmt = "yuv444p" if width % 2 or height % 2 else "yuv420p"
        if name == "gif":
            context.pix_fmt = "rgb8"
        if pixel_aspect:
            context.sample_aspect_ratio = pixel_aspect
        if interlaced:
            context.options = {"flags": "+ildct+ilme"}
        context.time_base = Fraction(1, 1000) if pts else 1 / rate
        context.gop_size = 6
        context.max_b_frames = b_frames
        context.bit_rate = 2_000_000
        if rotation:
            stream.set_display_rotation(rotation)
        for frame_idx in range(frames):
            frame = av.VideoFrame.from_ndarray(frame_rgb_hwc(frame_idx, width, height), "rgb24")
            frame.pts = pts[frame_idx] if pts else frame_idx
            frame.time_base = context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def make_hdr_clip(path: Path, transfer: int, codes: Sequence[float]) -> Path:
    """Write a 10-bit BT.2020 clip of grey frames, coded from 0 to 1."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        assert isinstance(stream, av.VideoStream)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = 96, 64, "yuv420p10le"
        context.color_trc, context.color_primaries, context.colorspace = transfer, 9, 9
        for frame_idx, code in enumerate(codes):
            luma = np.full((64, 96), round(64 + 876 * code), np.uint16)
            frame = av.VideoFrame(96, 64, "yuv420p10le")
            chroma = np.full((32, 48), 512)
            for plane, values in zip(frame.planes, (luma, chroma, chroma), strict=True):
                padded = np.zeros((plane.height, plane.line_size // 2), np.uint16)
                padded[:, : values.shape[1]] = values
                plane.update(padded.tobytes())
            frame.pts = frame_idx
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def make_cover(path: Path) -> Path:
    """Write an MP4 with nothing but a cover picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p"
        stream.disposition = Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(frame_rgb_hwc(0, 96, 64), "rgb24")
        container.mux(stream.encode(frame.reformat(format="yuvj420p")))
        container.mux(stream.encode(None))
    return path


def add_cover(source: Path, target: Path) -> Path:
    """Copy a video behind a cover picture, which is the first stream of the copy."""
    with (
        av.open(str(make_cover(target.with_suffix(".cover.mp4")))) as cover,
        av.open(str(source)) as read,
        av.open(str(target), "w") as written,
    ):
        tracks = [file.streams.video[0] for file in (cover, read)]
        streams = [written.add_stream_from_template(track) for track in tracks]
        streams[0].disposition = Disposition.attached_pic
        for file, track, stream in zip((cover, read), tracks, streams, strict=True):
            for packet in file.demux(track):
                if packet.size:
                    packet.stream = stream
                    written.mux(packet)
    return target


def copy_packets(source: Path, target: Path, keep: Callable[[int], bool]) -> Path:
    """Copy the packets of a video, counted in the order of the file, without encoding them anew."""
    with av.open(str(source)) as read, av.open(str(target), "w") as written:
        track = read.streams.video[0]
        stream = written.add_stream_from_template(track)
        for at, packet in enumerate(read.demux(track)):
            if packet.size and keep(at):
                packet.stream = stream
                written.mux(packet)
    return target


def truncate(path: Path, keep: float) -> Path:
    """Cut the file off after the share `keep` of its bytes."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    return path


def damage(path: Path, start: float, length: int = 400) -> Path:
    """Overwrite `length` bytes at the share `start` of the file."""
    content = bytearray(path.read_bytes())
    at = int(len(content) * start)
    content[at : at + length] = bytes(index * 7 % 256 for index in range(length))
    path.write_bytes(content)
    return path


def not_a_video(path: Path) -> Path:
    """A text file under a video's name."""
    path.write_text("this is no video\n" * 100)
    return path
