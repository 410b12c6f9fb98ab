"""Joins MP4 files of one size and rate to one, without encoding them again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av

from sam2_session.core.errors import InvalidRequest


def join_mp4(paths: Sequence[Path], target: Path) -> None:
    """Write the files one after another. Raises `InvalidRequest` if they are not alike.

    `target` must not be one of them; on an error it may be left half written.
    """
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as joined:
        track: av.VideoStream | None = None
        kind: tuple[object, ...] = ()
        offset = 0
        for path in paths:
            with av.open(str(path)) as container:
                source = container.streams.video[0]
                if track is None:
                    track, kind = joined.add_stream_from_template(source), _kind_of(source)
                elif _kind_of(source) != kind:
                    raise InvalidRequest(
                        f"{path.name} differs from {paths[0].name} in size or rate.",
                        hint="They stay one file each.",
                    )
                try:
                    offset = _append(container, source, joined, track, offset)
                except av.FFmpegError as error:
                    raise InvalidRequest(f"{path.name} cannot be joined: {error}.") from error


def _append(
    container: av.container.InputContainer,
    source: av.VideoStream,
    joined: av.container.OutputContainer,
    track: av.VideoStream,
    offset: int,
) -> int:
    """Append the packets of a file; return where the next file begins."""
    end = offset
    for packet in container.demux(source):
        if packet.pts is None or packet.dts is None:
            continue  # the empty packet at the end
        packet.pts += offset
        packet.dts += offset
        end = max(end, packet.pts + (packet.duration or 1))
        packet.stream = track
        joined.mux(packet)
    return end


def _kind_of(stream: av.VideoStream) -> tuple[object, ...]:
    context = stream.codec_context
    return (context.name, context.width, context.height, stream.time_base, context.extradata)
