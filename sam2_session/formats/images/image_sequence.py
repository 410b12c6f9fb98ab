"""Reads numbered pictures as the frames of a video: those of a ZIP or folder, or of one file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from sam2_session.core.errors import UnsupportedVideo
from sam2_session.core.frame_files import is_image_file
from sam2_session.core.numbers import rate_of
from sam2_session.formats.images.levels import (
    MAX_VALUE,
    SAMPLES,
    Levels,
    chosen_levels,
    find_levels,
    with_three_channels,
)
from sam2_session.formats.images.picture_header import ImageHeader, read_header, upright
from sam2_session.formats.images.picture_pages import (
    HEAD_BYTES,
    PageReader,
    Pages,
    find_pages,
    may_have_pages,
)
from sam2_session.formats.importing.file_tree import FileTree, FolderTree, OneFile, open_zip
from sam2_session.formats.importing.frame_numbers import number_in
from sam2_session.formats.importing.json_input import load_json, mapping
from sam2_session.formats.importing.plan import safe_text

MAX_SIDE = 8192
MAX_FRAMES = 100_000
MAX_FRAME_BYTES = 512 * 1024 * 1024
MOST_STACKS = 64  # in a folder of more files, each is one frame, whatever its pages
DEFAULT_RATE = Fraction(25)
RATE_FILE = "frames.json"  # {"fps": "30000/1001", "black": 0, "white": 4095}
JPEG_END = b"\xff\xd9"
SUFFIXES = "PNG, JPEG, WebP, TIFF or BMP"
EIGHT_BITS = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION


class ImageSequence:
    """The images of the fullest folder, in natural order; of a file with pages, each page.

    `paths` names the file of each frame. Raises `UnsupportedVideo` if there are none, or too many.
    """

    def __init__(self, tree: FileTree, source_name: str) -> None:
        self._tree = tree
        pictures = [path for path in tree.paths if is_image_file(path)]
        if not pictures:
            raise UnsupportedVideo(
                f"{source_name} holds no pictures.", hint=f"Put numbered {SUFFIXES} files in it."
            )
        folders = Counter(path.rpartition("/")[0] for path in pictures)
        folder, count = folders.most_common(1)[0]
        files = [path for path in pictures if path.rpartition("/")[0] == folder]
        self._left_out = len(pictures) - count
        self._pages = self._find_pages(files)
        self._frames = [
            (path, page)
            for path, pages in zip(files, self._pages, strict=True)
            for page in pages.numbers
        ]
        self.paths = [path for path, _ in self._frames]
        if len(self.paths) > MAX_FRAMES:
            raise UnsupportedVideo(
                f"{source_name} holds more than {MAX_FRAMES} pictures.", hint="Send it in parts."
            )
        self._settings = self._read_settings()
        self._durations_ms = self._pages[0].durations_ms if len(files) == 1 else ()
        self.rate = self._read_rate()
        self.numbers = source_numbers(files) if len(self._frames) == len(files) else self._counted()
        self._open: tuple[str, PageReader] | None = None

    @property
    def note(self) -> str | None:
        """Remarks for the user: gaps in the numbers, images left out, how values are scaled."""
        remarks = [gap_note(self.numbers, self.numbers[-1] + 1 - len(self.numbers))]
        if self._left_out:
            remarks.append(f"Pictures in other folders are left out: {self._left_out}.")
        if pages := sum(pages.left_out for pages in self._pages):
            remarks.append(f"Pages of another size are left out: {pages}.")
        return " ".join(filter(None, (*remarks, self.frame_note))) or None

    @property
    def frame_note(self) -> str | None:
        """Say how the values of each picture are scaled; None if they are not."""
        return self._levels.note if self._levels else None

    @property
    def times(self) -> tuple[Fraction, tuple[int, ...]]:
        """The time base in seconds, and the time of each frame in its units."""
        if not self._durations_ms:
            return 1 / self.rate, tuple(range(len(self._frames)))
        times = [sum(self._durations_ms[:at]) for at in range(len(self._durations_ms))]
        return Fraction(1, 1000), tuple(times)

    def size_hw(self) -> tuple[int, int]:
        """Size of the images. Raises `UnsupportedVideo` if one differs from the first."""
        first = self.head(0).size_hw
        seen = self.paths[0]
        for at, path in enumerate(self.paths):
            if path != seen:
                head = self.head(at)
                if not head.fits(first):
                    self._require_size(at, head.size_hw, first)
            seen = path
        return first

    def head(self, at: int) -> ImageHeader:
        """Read the header of one image, all of the first. Raises `UnsupportedVideo`."""
        data = self._read(at, HEAD_BYTES)
        head = read_header(data, complete=len(data) < HEAD_BYTES)
        if head is None or (at == 0 and head.orientation is None):
            head = read_header(self._read(at, MAX_FRAME_BYTES), complete=True)
        if head is None:
            raise self._broken(at)
        if max(head.size_hw) > MAX_SIDE:
            height, width = head.size_hw
            raise UnsupportedVideo(
                f"{self._name(at)} is {width}x{height}; a side has at most {MAX_SIDE} pixels.",
                hint="Scale the pictures down.",
            )
        return head

    def read(self, at: int, size_hw: tuple[int, int]) -> bytes | cv2.typing.MatLike:
        """Read one image: the bytes of a plain JPEG, else its pixels as bgr_hwc, of 8 bits."""
        data = self._data_of(at)
        head = read_header(data, complete=True)
        if head is None:
            raise self._broken(at)
        self._require_size(at, head.size_hw, size_hw)
        if head.is_plain_jpeg and data.endswith(JPEG_END):
            if cv2.imdecode(np.frombuffer(data, np.uint8), EIGHT_BITS) is None:
                raise self._broken(at)
            return data
        image = self._decode(at, head)
        if self._levels and head.is_deep:
            image = self._levels.apply(image)
        image = upright(image, head.orientation or 1)
        self._require_size(at, (image.shape[0], image.shape[1]), size_hw)
        return image

    @cached_property
    def _levels(self) -> Levels | None:
        """Black and white of pictures with more than 8 bits, from some of all; else None."""
        if not self.head(0).is_deep:
            return None
        step = max(1, -(-len(self._frames) // SAMPLES))
        some = (self._decode(at, self.head(at)) for at in range(0, len(self._frames), step))
        return chosen_levels(self._settings, find_levels(some))

    def _decode(self, at: int, head: ImageHeader) -> cv2.typing.MatLike:
        _, page = self._frames[at]
        reader = self._reader(at)
        image = reader.read(page, cv2.IMREAD_UNCHANGED if head.is_deep else EIGHT_BITS)
        if image is None:
            raise self._broken(at)
        return with_three_channels(image) if head.is_deep else image

    def _reader(self, at: int) -> PageReader:
        path = self.paths[at]
        if self._open is None or self._open[0] != path:
            self._open = (path, PageReader(self._tree.read(path, MAX_FRAME_BYTES)))
        return self._open[1]

    def _data_of(self, at: int) -> bytes:
        return self._reader(at).data

    def _find_pages(self, files: Sequence[str]) -> list[Pages]:
        if len(files) > MOST_STACKS:
            return [Pages()] * len(files)
        return [self._pages_of(path) for path in files]

    def _pages_of(self, path: str) -> Pages:
        if not may_have_pages(self._tree.read(path, HEAD_BYTES)):
            return Pages()
        return find_pages(self._tree.read(path, MAX_FRAME_BYTES), MAX_FRAMES)

    def _counted(self) -> tuple[int, ...]:
        return tuple(range(len(self._frames)))

    def _require_size(self, at: int, size_hw: tuple[int, int], first: tuple[int, int]) -> None:
        if size_hw != first:
            (height, width), (tall, wide) = size_hw, first
            raise UnsupportedVideo(
                f"{self._name(at)} is {width}x{height}, {self._name(0)} is {wide}x{tall}.",
                hint="All frames of a video have one size.",
            )

    def _read(self, at: int, most: int) -> bytes:
        return self._tree.read(self.paths[at], most)

    def _read_settings(self) -> Mapping[str, Any]:
        for path in self._tree.paths:
            if path.rsplit("/", 1)[-1] == RATE_FILE:
                settings = mapping(load_json(self._tree.read(path), RATE_FILE))
                chosen_levels(settings, Levels(-MAX_VALUE, MAX_VALUE))  # refuses those of no use
                return settings
        return {}

    def _read_rate(self) -> Fraction:
        if self._durations_ms:
            return Fraction(1000 * len(self._durations_ms), sum(self._durations_ms))
        levels_only = self._settings and "fps" not in self._settings
        if not self._settings or (levels_only and self._settings.keys() & {"black", "white"}):
            return DEFAULT_RATE
        return _rate(self._settings.get("fps"))

    def _name(self, at: int) -> str:
        return safe_text(self.paths[at].rsplit("/", 1)[-1])

    def _broken(self, at: int) -> UnsupportedVideo:
        return UnsupportedVideo(
            f"{self._name(at)} cannot be read as a picture.", hint=f"Frames are {SUFFIXES}."
        )


@contextmanager
def open_image_sequence(source: Path, name: str) -> Iterator[ImageSequence]:
    """Open a ZIP, a folder or a picture as an image sequence. Raises `SessionError`."""
    if source.is_dir():
        yield ImageSequence(FolderTree(source), name)
    elif is_image_file(name):
        yield ImageSequence(OneFile(source, name), name)
    else:
        with open_zip(source) as tree:
            yield ImageSequence(tree, name)


def source_numbers(paths: Sequence[str]) -> tuple[int, ...]:
    """Read frame numbers from names, shifted to start at 0.

    Names whose numbers do not rise, or rise unevenly as times do, count 0, 1, …
    """
    found = [number_in(path.rsplit("/", 1)[-1]) for path in paths]
    known = [number for number in found if number is not None]
    counts_up = len(known) == len(found) and all(a < b for a, b in pairwise(known))
    if not counts_up or not (_counts_by_one(known) or _is_even(known)):
        return tuple(range(len(paths)))
    return tuple(number - known[0] for number in known)


def gap_note(numbers: Sequence[int], missing: int) -> str | None:
    """Say how many numbers of files are missing; None without any, or if they count no frames."""
    if missing <= 0 or not _counts_by_one(numbers):
        return None
    return f"The files' numbers have gaps: {missing} are missing; frames follow without one."


def _counts_by_one(numbers: Sequence[int]) -> bool:
    """Return whether numbers mostly rise by one: what is missing between them are frames."""
    steps = [after - before for before, after in pairwise(numbers)]
    return 2 * steps.count(1) >= len(steps)


def _is_even(numbers: Sequence[int]) -> bool:
    return len({after - before for before, after in pairwise(numbers)}) <= 1


def _rate(value: object) -> Fraction:
    rate = rate_of(value)
    if rate is None:
        raise UnsupportedVideo(
            f"fps in {RATE_FILE} is {safe_text(value, 40)!r}.", hint='Like {"fps": "30000/1001"}.'
        )
    return rate
