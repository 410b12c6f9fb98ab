"""Sources of a video: a video file, or pictures in a ZIP, a folder or a file with pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from sam2_session.core.frame_files import ARCHIVE_SUFFIXES, is_image_file, suffix_of
from sam2_session.formats.images.image_sequence import (
    ImageSequence,
    gap_note,
    open_image_sequence,
)
from sam2_session.storage.atomic import write_bytes
from sam2_session.storage.extraction import (
    CHECK_SPACE_EVERY,
    JPEG_QUALITY,
    Extraction,
    encode_jpeg,
    is_whole_jpeg,
    join_notes,
    require_space,
)
from sam2_session.storage.frame_table import FrameTable
from sam2_session.storage.probe import VideoProbe, probe
from sam2_session.storage.video_record import Segment

FramePath = Callable[[int], Path]


class FrameMaker(Protocol):
    """Turns a source into numbered JPEGs, once."""

    def run(self, limit: int | None = None) -> Iterator[int]:
        """Make the first `limit` frames, or all; yield how many can be read without a gap."""
        ...

    def table(self) -> FrameTable: ...

    @property
    def note(self) -> str | None: ...

    @property
    def frame_note(self) -> str | None:
        """The part of `note` that is about each frame, and so about those of any segment."""
        ...


def probe_source(path: Path, name: str) -> VideoProbe:
    """Measure size, rate and length of a source with this name. Raises `SessionError`."""
    if not is_pictures(path, name):
        return probe(path)
    with open_image_sequence(path, name) as frames:
        height, width = frames.size_hw()
        time_base, _ = frames.times
        return VideoProbe(width, height, 0, frames.rate, time_base, len(frames.paths))


def picture_names(path: Path) -> tuple[str, ...]:
    """Return the names of the pictures in a source, by frame; empty for a video or for pages."""
    if not is_pictures(path, path.name):
        return ()
    with open_image_sequence(path, path.name) as frames:
        names = tuple(picture.rsplit("/", 1)[-1] for picture in frames.paths)
        return names if len(set(names)) == len(names) else ()


def frame_maker(path: Path, frame_path: FramePath, segment: Segment | None = None) -> FrameMaker:
    """Choose the extractor of a source, for all of it; of pictures also for a segment."""
    if is_pictures(path, path.name):
        return PictureFrames(path, frame_path, segment)
    return Extraction(path, frame_path)


class PictureFrames:
    """Copies plain JPEGs byte for byte and encodes other pictures as a video's frames are.

    Of a segment, only the pictures with its numbers.
    """

    def __init__(self, source: Path, frame_path: FramePath, segment: Segment | None = None) -> None:
        self._source = source
        self._segment = segment
        self._frame_path = frame_path
        self._folder = frame_path(0).parent
        self._table = FrameTable.empty()
        self.note: str | None = None
        self.frame_note: str | None = None

    def run(self, limit: int | None = None) -> Iterator[int]:
        """Yield how many frames can be read now; those that are whole on disk stay."""
        with open_image_sequence(self._source, self._source.name) as frames:
            self._table = FrameTable(*frames.times, frames.numbers)
            self.note, self.frame_note = frames.note, frames.frame_note
            chosen = list(range(len(frames.numbers)))
            if segment := self._segment:
                first, last = segment.first_frame, segment.last_frame
                self._table = self._table.between(first, last)
                chosen = [at for at in chosen if first <= frames.numbers[at] <= last]
                missing = segment.num_frames - len(chosen)
                self.note = join_notes(gap_note(frames.numbers, missing), self.frame_note)
            size_hw = frames.head(0).size_hw
            for frame_idx, picture_at in enumerate(chosen[:limit]):
                if frame_idx % CHECK_SPACE_EVERY == 0:
                    require_space(self._folder)
                self._save(frames, picture_at, self._frame_path(frame_idx), size_hw)
                yield frame_idx + 1

    def table(self) -> FrameTable:
        """Return evenly spaced times at the source's rate, with the pictures' own numbers."""
        return self._table

    def _save(
        self, frames: ImageSequence, picture_at: int, path: Path, size_hw: tuple[int, int]
    ) -> None:
        if is_whole_jpeg(path):
            return
        picture = frames.read(picture_at, size_hw)
        data = picture if isinstance(picture, bytes) else encode_jpeg(picture, JPEG_QUALITY)
        write_bytes(path, data, durable=False)


def is_pictures(path: Path, name: str) -> bool:
    """Tell if a source of this name holds pictures: a folder, a ZIP or a picture with pages."""
    return path.is_dir() or suffix_of(name) in ARCHIVE_SUFFIXES or is_image_file(name)
