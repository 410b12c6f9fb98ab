"""Extracts single frames again whose files were removed, or are not the ones we made."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sam2_session.core.errors import SessionError, StorageFailed
from sam2_session.core.frame_files import file_number
from sam2_session.runtime import Lock
from sam2_session.services.decoding.decoder import Decoder
from sam2_session.services.decoding.decoders import AWAITED, Decoders, run_to_end
from sam2_session.services.videos.segment_frames import FrameMakers
from sam2_session.services.videos.video_row import VideoRow
from sam2_session.storage.atomic import make_folder, move, storage_failed
from sam2_session.storage.jpeg_files import FrameFiles
from sam2_session.storage.video_record import Segment, read_table
from sam2_session.storage.workspace import Workspace

log = logging.getLogger(__name__)


class FrameRepair:
    """Checks each frame before it is used, and makes a bad one anew from the video's file."""

    def __init__(self, workspace: Workspace, makers: FrameMakers, decoders: Decoders) -> None:
        self._workspace = workspace
        self._makers = makers
        self._decoders = decoders
        self._files = FrameFiles()
        self._extracting = Lock()  # one frame after the other; taken with no other lock inside

    def good_path(self, row: VideoRow, frame_idx: int) -> Path:
        """Return the path of a frame that is whole and has the video's size.

        Raises `StorageFailed` if it has to be made anew, and cannot be.
        """
        path = self._workspace.frame_path(row.record.video_id, frame_idx)
        if self._is_good(row, path):
            return path
        with self._extracting:
            if not self._is_good(row, path):
                self._extract(row, frame_idx, path)
        return path

    def _is_good(self, row: VideoRow, path: Path) -> bool:
        probe = row.record.probe
        return probe is not None and self._files.is_good(path, (probe.width, probe.height))

    def _extract(self, row: VideoRow, frame_idx: int, path: Path) -> None:
        log.warning("%s: frame %d is made anew: its file is gone or another", path, frame_idx)
        if not row.usable:
            raise _lost(frame_idx, f"{row.record.source.name} is not what it was")
        make_folder(path.parent)
        try:
            with (
                TemporaryDirectory(dir=path.parent, prefix=".again-") as folder,
                self._decoders.open(AWAITED) as decoder,
            ):
                made = self._frame(row, frame_idx, Path(folder), decoder)
                if not self._is_good(row, made):
                    raise _lost(frame_idx, "it cannot be decoded any more")
                move(made, path)
        except OSError as error:
            raise storage_failed(path, error) from error
        except StorageFailed:
            raise
        except SessionError as error:
            raise _lost(frame_idx, error.message) from error

    def _frame(self, row: VideoRow, frame_idx: int, folder: Path, decoder: Decoder) -> Path:
        """Extract one frame into a folder, as a segment of the whole video would have it."""
        record = row.record
        number = self._source_number(row, frame_idx)
        segment = Segment("", number, number)  # of no video: nothing is linked from another
        alone = replace(row, record=replace(record, segment=segment))

        def frame_path(idx: int) -> Path:
            return folder / f"{file_number(idx)}.jpg"

        maker = run_to_end(self._makers.make(alone, frame_path, decoder))
        for _ in maker.run(1):
            pass
        return frame_path(0)

    def _source_number(self, row: VideoRow, frame_idx: int) -> int:
        table = read_table(self._workspace, row.record.video_id)
        if table is None and row.extraction is not None:
            table = row.extraction.table()
        if table is not None and frame_idx < len(table.source_numbers):
            return table.source_numbers[frame_idx]
        first = row.record.segment.first_frame if row.record.segment else 0
        return first + frame_idx  # it is not complete yet


def _lost(frame_idx: int, reason: str) -> StorageFailed:
    return StorageFailed(
        f"The file of frame {frame_idx} is gone or damaged, and cannot be made anew: {reason}.",
        hint="Put the video's file back into videos/; its annotations are kept.",
    )
