"""Chooses where frames come from; those of a segment from the whole video, if it has them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sam2_session.formats.images.image_sequence import gap_note
from sam2_session.services.decoding.decoded_frames import DecodedFrames
from sam2_session.services.decoding.decoder import Decoder, Steps
from sam2_session.services.decoding.sources import FrameMaker, FramePath, is_pictures
from sam2_session.services.videos.video_row import VideoRow
from sam2_session.services.videos.video_table import VideoTable
from sam2_session.storage import catalog
from sam2_session.storage.atomic import storage_failed, temp_path
from sam2_session.storage.extraction import is_whole_jpeg, join_notes
from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.packet_index import PacketIndex
from sam2_session.storage.segment_reader import missing_note
from sam2_session.storage.video_record import Segment, Source, VideoRecord, read_table
from sam2_session.storage.workspace import Workspace


class FrameMakers:
    """Makes the extractor of each video; keeps the packet index of the file read last."""

    def __init__(self, workspace: Workspace, table: VideoTable) -> None:
        self._workspace = workspace
        self._table = table
        self._indexed: tuple[Source, PacketIndex] | None = None

    def make(self, row: VideoRow, frame_path: FramePath, decoder: Decoder) -> Steps[FrameMaker]:
        """Choose the extractor of a video or segment."""
        record = row.record
        path = catalog.source_path(self._workspace, record)
        segment = record.segment
        if segment is None:
            return DecodedFrames(decoder, path, frame_path)
        whole = self._table.find(segment.video_id)
        if whole and whole.record.complete and _same_file(whole.record.source, record.source):
            table = read_table(self._workspace, segment.video_id)
            if table is not None:
                frame_of_whole = partial(self._workspace.frame_path, segment.video_id)
                linked = LinkedFrames(table, segment, (frame_of_whole, frame_path))
                linked.note = _note_of_segment(whole.record, table, segment, path)
                linked.frame_note = whole.record.frame_note
                return linked
        if is_pictures(path, path.name):
            return DecodedFrames(decoder, path, frame_path, segment)
        index = yield from self._index(record.source, path, decoder)
        return DecodedFrames(decoder, path, frame_path, segment, index)

    def _index(self, source: Source, path: Path, decoder: Decoder) -> Steps[PacketIndex]:
        indexed = self._indexed
        if indexed is None or not _same_file(indexed[0], source):
            index = yield from decoder.index(path)
            indexed = self._indexed = (source, index)
        return indexed[1]


class LinkedFrames:
    """Frames that the whole video has on disk: a second name for each file, no second copy."""

    def __init__(
        self,
        whole: FrameTable,
        segment: Segment,
        paths: tuple[FramePath, FramePath],
    ) -> None:
        first, last = segment.first_frame, segment.last_frame
        self._table = whole.between(first, last)
        numbers = whole.source_numbers
        self._frames = [idx for idx, number in enumerate(numbers) if first <= number <= last]
        self._path_in_whole, self._frame_path = paths
        self.note: str | None = None
        self.frame_note: str | None = None

    def run(self, limit: int | None = None) -> Iterator[int]:
        """Link each frame; yield how many can be read now."""
        for frame_idx, idx_in_whole in enumerate(self._frames[:limit]):
            target = self._frame_path(frame_idx)
            if not is_whole_jpeg(target):
                _link(self._path_in_whole(idx_in_whole), target)
            yield frame_idx + 1

    def table(self) -> FrameTable:
        """Return the whole video's rows of these frames."""
        return self._table


def _note_of_segment(
    whole: VideoRecord, table: FrameTable, segment: Segment, path: Path
) -> str | None:
    """Describe what holds of a segment's own frames: which are missing, and how they differ."""
    missing = segment.num_frames - len(table.between(segment.first_frame, segment.last_frame).pts)
    if is_pictures(path, path.name):
        return join_notes(gap_note(table.source_numbers, missing), whole.frame_note)
    is_damaged = whole.note != whole.frame_note  # else nothing but hidden frames is missing
    return join_notes(missing_note(missing) if is_damaged else None, whole.frame_note)


def _same_file(one: Source, other: Source) -> bool:
    return (one.name, one.bytes, one.mtime_ns) == (other.name, other.bytes, other.mtime_ns)


def _link(source: Path, target: Path) -> None:
    """Give a file a second name; copy it where the file system knows no second names."""
    temp = temp_path(target)
    try:
        try:
            os.link(source, temp)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copyfile(source, temp)
        temp.replace(target)
    except OSError as error:
        raise storage_failed(target, error) from error
    finally:
        temp.unlink(missing_ok=True)
