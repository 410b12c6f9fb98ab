"""Reads a ZIP or folder of numbered images as the frames of a video."""

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
from sam2_session.core.numbers import rate_of
from sam2_session.formats.importing.file_tree import FileTree, FolderTree, open_zip
from sam2_session.formats.importing.frame_numbers import number_in
from sam2_session.formats.importing.json_input import load_json, mapping
from sam2_session.formats.importing.plan import safe_text

MAX_SIDE = 8192
MAX_FRAMES = 100_000
MAX_FRAME_BYTES = 512 * 1024 * 1024
HEAD_BYTES = 64 * 1024  # nearly always enough to find the size of an image
DEFAULT_RATE = Fraction(25)
RATE_FILE = "frames.json"  # {"fps": "30000/1001"}
ORIENTATION = 0x0112  # EXIF
SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height
JPEG_END = b"\xff\xd9"
SUFFIXES = "PNG, JPEG, WebP or TIFF"


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Size of an image as shown, and whether it is a JPEG that can be kept unchanged."""

    size_hw: tuple[int, int]
    is_plain_jpeg: bool  # RGB and upright


class ImageSequence:
    """The images of the fullest folder, in natural order.

    Raises `UnsupportedVideo` if there are none, or too many.
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
        """Remarks for the user: gaps in the numbers, images that are left out."""
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
        """Size of the images. Raises `UnsupportedVideo` if one differs from the first."""
        first = self.head(0).size_hw
        for at in range(1, len(self.paths)):
            self._require_size(at, self.head(at).size_hw, first)
        return first

    def head(self, at: int) -> ImageHeader:
        """Read the header of one image. Raises `UnsupportedVideo`."""
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
        """Read one image: the bytes of a plain JPEG, else its pixels as bgr_hwc."""
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
def open_image_sequence(source: Path, name: str) -> Iterator[ImageSequence]:
    """Open a ZIP or folder as an image sequence. Raises `SessionError`."""
    if source.is_dir():
        yield ImageSequence(FolderTree(source), name)
    else:
        with open_zip(source) as tree:
            yield ImageSequence(tree, name)


def source_numbers(paths: Sequence[str]) -> tuple[int, ...]:
    """Read frame numbers from names, shifted to start at 0; count 0, 1, … if they do not rise."""
    found = [number_in(path.rsplit("/", 1)[-1]) for path in paths]
    known = [number for number in found if number is not None]
    counts_up = len(known) == len(found) and all(a < b for a, b in pairwise(known))
    if not counts_up:
        return tuple(range(len(paths)))
    return tuple(number - known[0] for number in known)


def _rate(value: object) -> Fraction:
    rate = rate_of(value)
    if rate is None:
        raise UnsupportedVideo(
            f"fps in {RATE_FILE} is {safe_text(value, 40)!r}.", hint='Like {"fps": "30000/1001"}.'
        )
    return rate


def _read_head(data: bytes) -> ImageHeader | None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            # a PNG stores it behind the pixels, and all of them would be decoded to find it
            orientation = 1 if image.format == "PNG" else image.getexif().get(ORIENTATION, 1)
            width, height = image.size
            plain = image.format == "JPEG" and image.mode == "RGB" and orientation == 1
            if image.mode == "F":
                return None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnsupportedVideo("A picture claims to be huge.", hint="Scale it down.") from error
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, KeyError, SessionError):
        return None
    return ImageHeader((width, height) if orientation in SIDEWAYS else (height, width), plain)
