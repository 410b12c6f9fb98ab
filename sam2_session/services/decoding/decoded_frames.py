"""Frames that a decoder process extracts; it writes them, and the services read along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sam2_session.services.decoding.decoder import Decoder
from sam2_session.services.decoding.sources import FramePath
from sam2_session.services.decoding.wire import add_rows, index_to_wire
from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.packet_index import PacketIndex
from sam2_session.storage.video_record import Segment


class DecodedFrames:
    """A `FrameMaker` whose work is done by another process.

    While it runs, `table` may be a moment behind the frames that can be read.
    """

    def __init__(
        self,
        decoder: Decoder,
        source: Path,
        frame_path: FramePath,
        segment: Segment | None = None,
        index: PacketIndex | None = None,
    ) -> None:
        self._decoder = decoder
        self._source = source
        self._request = {
            "do": "extract",
            "source": str(source),
            "name": source.name,
            "folder": str(frame_path(0).parent),
            "segment": segment.to_wire() if segment else None,
            "index": index_to_wire(index) if index else None,
        }
        self._table = FrameTable.empty()
        self.note: str | None = None
        self.frame_note: str | None = None

    def run(self, limit: int | None = None) -> Iterator[int]:
        """Extract the first `limit` frames, or all; yield how many can be read without a gap."""
        ready = 0
        for message in self._decoder.ask({**self._request, "limit": limit}, self._source):
            if message is not None:
                ready = message.get("ready", ready)
                self.note, self.frame_note = message.get("note"), message.get("frame_note")
                if "rows" in message:
                    self._table = add_rows(self._table, message["rows"])
            yield ready

    def table(self) -> FrameTable:
        """Table of the frames decoded so far; exact once `run` has ended."""
        return self._table
