"""A ZIP or folder of numbered pictures as the frames of a video."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from sam2_session.core.errors import SessionError, UnsupportedVideo
from sam2_session.core.frame_files import is_image_file
from sam2_session.formats.importing.file_tree import FileTree, FolderTree, open_zip
from sam2_session.formats.importing.frame_numbers import number_in
from sam2_session.formats.importing.json_input import load_json, mapping
from sam2_session.formats.importing.plan import safe_text

MAX_SIDE = 8192
MAX_FRAMES = 100_000
MAX_RATE = 1000
MAX_FRAME_BYTES = 512 * 1024 * 1024
HEAD_BYTES = 64 * 1024  # where a picture says its size, nearly always
DEFAULT_RATE = Fraction(25)
RATE_FILE = "frames.json"  # {"fps": "30000/1001"}
ORIENTATION = 0x0112  # EXIF
SIDEWAYS = (5, 6, 7, 8)
JPEG_END = b"\xff\xd9"
SUFFIXES = "PNG, JPEG, WebP or TIFF"


@dataclass(frozen=True, slots=True)
class Head:
    """What a picture says of itself; its size as it is shown."""

    size_hw: tuple[int, int]
    is_plain_jpeg: bool  # colour, upright: its bytes can stay as they are


class FrameList:
    """The pictures of one folder in natural order. Raises `UnsupportedVideo` without any."""

    def __init__(self, tree: FileTree, source_name: str) -> None:
        self._tree = tree
        pictures = [path for path in tree.paths if is_image_file(path)]
        if not pictures:
            raise UnsupportedVideo(
                f"{source_name} holds no pictures.", hint=f"Put numbered {SUFFIXES} files in it."
            )
        folders = Counter(path.rpartition("/")[0] for path in pictures)
        folder, count = folders.most_common(1)[0]
        self.paths = [path for path in pictures if path.rpartition("/")[0] == folder]
        if count > MAX_FRAMES:
            raise UnsupportedVideo(
                f"{source_name} holds more than {MAX_FRAMES} pictures.", hint="Send it in parts."
            )
        self._left_out = len(pictures) - count
        self.rate = self._read_rate()
        self.numbers = source_numbers(self.paths)

    @property
    def note(self) -> str | None:
        """What is odd about the pictures, for the user."""
        remarks = []
        missing = self.numbers[-1] + 1 - len(self.numbers)
        if missing > 0:
            remarks.append(
                f"The files' numbers have gaps: {missing} are missing; frames follow without one."
            )
        if self._left_out:
            remarks.append(f"Pictures in other folders are left out: {self._left_out}.")
        return " ".join(remarks) or None

    def size_hw(self) -> tuple[int, int]:
        """The size all of them have. Raises `UnsupportedVideo` where one has another."""
        first = self.head(0).size_hw
        for at in range(1, len(self.paths)):
            self._require_size(at, self.head(at).size_hw, first)
        return first

    def head(self, at: int) -> Head:
        """Size and kind of one picture. Raises `UnsupportedVideo`."""
        head = _read_head(self._read(at, HEAD_BYTES)) or _read_head(self._read(at, MAX_FRAME_BYTES))
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
        """A picture: the bytes of a plain JPEG, else its BGR values of 8 bits."""
        data, head = self._read(at, MAX_FRAME_BYTES), self.head(at)
        self._require_size(at, head.size_hw, size_hw)
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise self._broken(at)
        self._require_size(at, (image.shape[0], image.shape[1]), size_hw)
        return data if head.is_plain_jpeg and data.endswith(JPEG_END) else image

    def _require_size(self, at: int, size_hw: tuple[int, int], first: tuple[int, int]) -> None:
        if size_hw != first:
            (height, width), (tall, wide) = size_hw, first
            raise UnsupportedVideo(
                f"{self._name(at)} is {width}x{height}, {self._name(0)} is {wide}x{tall}.",
                hint="All frames of a video have one size.",
            )

    def _read(self, at: int, most: int) -> bytes:
        return self._tree.read(self.paths[at], most)

    def _read_rate(self) -> Fraction:
        for path in self._tree.paths:
            if path.rsplit("/", 1)[-1] == RATE_FILE:
                return _rate(mapping(load_json(self._tree.read(path), RATE_FILE)).get("fps"))
        return DEFAULT_RATE

    def _name(self, at: int) -> str:
        return safe_text(self.paths[at].rsplit("/", 1)[-1])

    def _broken(self, at: int) -> UnsupportedVideo:
        return UnsupportedVideo(
            f"{self._name(at)} cannot be read as a picture.", hint=f"Frames are {SUFFIXES}."
        )


@contextmanager
def open_frames(source: Path, name: str) -> Iterator[FrameList]:
    """The pictures of a ZIP or folder as long as it is open. Raises `SessionError`."""
    if source.is_dir():
        yield FrameList(FolderTree(source), name)
    else:
        with open_zip(source) as tree:
            yield FrameList(tree, name)


def source_numbers(paths: Sequence[str]) -> tuple[int, ...]:
    """The numbers in the names, from 0; the order where they do not count up."""
    found = [number_in(path.rsplit("/", 1)[-1]) for path in paths]
    known = [one for one in found if one is not None]
    counts_up = len(known) == len(found) and all(a < b for a, b in pairwise(known))
    if not counts_up:
        return tuple(range(len(paths)))
    return tuple(one - known[0] for one in known)


def _rate(value: object) -> Fraction:
    try:
        rate = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= MAX_RATE:
        raise UnsupportedVideo(
            f"fps in {RATE_FILE} is {safe_text(value, 40)!r}.", hint='Like {"fps": "30000/1001"}.'
        )
    return rate


def _read_head(data: bytes) -> Head | None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            # of a PNG it would lie behind the pixels, and all of them would be decoded to find it
            orientation = 1 if image.format == "PNG" else image.getexif().get(ORIENTATION, 1)
            width, height = image.size
            plain = image.format == "JPEG" and image.mode == "RGB" and orientation == 1
            if image.mode == "F":
                return None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnsupportedVideo("A picture claims to be huge.", hint="Scale it down.") from error
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, KeyError, SessionError):
        return None
    return Head((width, height) if orientation in SIDEWAYS else (height, width), plain)
