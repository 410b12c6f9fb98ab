"""Runs in a decoder process: probes, indexes and extracts the files it is given."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from sam2_session.core.errors import SessionError, UnsupportedVideo, error_fields
from sam2_session.core.frame_files import file_number
from sam2_session.runtime import Socket, monotonic
from sam2_session.services.decoding.json_rows import find_rows
from sam2_session.services.decoding.limits import limit_this_process
from sam2_session.services.decoding.messages import MessageSocket
from sam2_session.services.decoding.sources import FrameMaker, frame_maker, probe_source
from sam2_session.services.decoding.wire import (
    index_from_wire,
    index_to_wire,
    probe_to_wire,
    rows_after,
)
from sam2_session.storage.extraction import Extraction
from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.packet_index import index_packets
from sam2_session.storage.probe import CONVERT
from sam2_session.storage.segment_reader import SegmentReader
from sam2_session.storage.video_record import Segment

TABLE_EVERY_S = 0.25
TABLE_SHARE = 20  # of the time, at most a twentieth goes into tables of frames so far

Messages = Iterator[dict[str, Any]]


def serve(peer: Socket, niceness: int) -> None:
    """Answer requests until the socket is closed."""
    limit_this_process(niceness)
    messages = MessageSocket(peer)
    try:
        while True:
            request = messages.receive()
            for message in _answers(request):
                messages.send(message)
    except (EOFError, OSError):
        return


def _answers(request: dict[str, Any]) -> Messages:
    """Run a request; the last message has ``end``, and ``error`` if it failed."""
    name = str(request["name"])
    try:
        yield from HANDLERS[request["do"]](request)
    except SessionError as error:
        yield {"end": True, "error": error.to_wire()}
    except MemoryError:
        yield {"end": True, "error": _too_much_memory(name).to_wire()}
    except Exception as error:  # noqa: BLE001 - boundary: any error is the file's
        yield {"end": True, "error": error_fields(_undecodable(name, error))}


def _probe(request: dict[str, Any]) -> Messages:
    probe = probe_source(Path(request["source"]), request["name"])
    yield {"end": True, "probe": probe_to_wire(probe)}


def _index(request: dict[str, Any]) -> Messages:
    yield {"end": True, "index": index_to_wire(index_packets(Path(request["source"])))}


def _extract(request: dict[str, Any]) -> Messages:
    maker, known = _maker(request), FrameTable.empty()
    told_at, pause_s = monotonic(), 0.0
    for ready in maker.run(request["limit"]):
        message: dict[str, Any] = {"ready": ready}
        began_at = monotonic()
        if began_at - told_at >= pause_s:
            table = maker.table().first(ready)
            message["rows"], known = rows_after(known, table), table
            told_at = monotonic()
            pause_s = max(TABLE_EVERY_S, TABLE_SHARE * (told_at - began_at))
        yield message
    rows = rows_after(known, maker.table())
    yield {"end": True, "rows": rows, "note": maker.note, "frame_note": maker.frame_note}


def _maker(request: dict[str, Any]) -> FrameMaker:
    source, folder = Path(request["source"]), Path(request["folder"])
    segment = Segment(**request["segment"]) if request["segment"] else None

    def frame_path(frame_idx: int) -> Path:
        return folder / f"{file_number(frame_idx)}.jpg"

    if segment is None or request["index"] is None:
        return frame_maker(source, frame_path, segment)
    index = index_from_wire(request["index"])
    return Extraction(source, frame_path, partial(SegmentReader, segment=segment, index=index))


def _too_much_memory(name: str) -> UnsupportedVideo:
    return UnsupportedVideo(f"Decoding {name} takes too much memory.", hint=CONVERT)


def _undecodable(name: str, error: Exception) -> UnsupportedVideo:
    if "OutOfMemory" in str(error) or "Insufficient memory" in str(error):  # of OpenCV
        return _too_much_memory(name)
    reason = f"{type(error).__name__}: {str(error)[:200]}"
    return UnsupportedVideo(f"{name} cannot be decoded ({reason}).", hint=CONVERT)


def _json_rows(request: dict[str, Any]) -> Messages:
    yield from find_rows(Path(request["source"]))
    yield {"end": True}


HANDLERS = {"probe": _probe, "index": _index, "extract": _extract, "json_rows": _json_rows}
