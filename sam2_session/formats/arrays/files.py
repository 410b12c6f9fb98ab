"""Reads masks from .npy and .npz: the header is checked first, and nothing is unpickled."""

from __future__ import annotations

import io
import tokenize
import zipfile
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import BoolMask
from sam2_session.formats.importing.file_tree import UNREADABLE

BROKEN_HEAD = (
    ValueError, SyntaxError, TypeError, KeyError, EOFError, RecursionError, MemoryError,
    tokenize.TokenError,
)  # fmt: skip
MASKS, FRAMES = "masks.npy", "frame_idx.npy"
MAX_FRAMES = 1_000_000
Values = npt.NDArray[Any]  # of numbers of any kind


@dataclass(frozen=True, slots=True)
class Head:
    """Header of an array: its shape, type and order."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    fortran_order: bool


def read_head(file: IO[bytes]) -> Head:
    """Read the header of a numeric array, leaving `file` behind it. Raises `InvalidPrompt`."""
    try:
        version = np.lib.format.read_magic(file)
        read = {(1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0}[version]  # fmt: skip
        head = Head(*_reordered(*read(file)))
    except BROKEN_HEAD as error:
        raise InvalidPrompt("The file is no NumPy array.") from error
    if head.dtype.kind not in "buif" or head.dtype.itemsize > 8:
        raise InvalidPrompt("The array holds no numbers.")
    return head


def read_mask(file: IO[bytes], size_hw: tuple[int, int]) -> BoolMask:
    """Read an array of one mask from an open file; values above 0 are set."""
    mask: BoolMask = _values(file, read_head(file), size_hw) > 0
    return mask


class Stack:
    """The masks of an .npz; compressed, so they are read in order and skipped by reading."""

    def __init__(self, data: bytes, size_hw: tuple[int, int]) -> None:
        self._size_hw = size_hw
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            names = set(self._zip.namelist())
            if MASKS not in names:
                raise InvalidPrompt(f"The file has no array `{MASKS.removesuffix('.npy')}`.")
            self._open()
            self.frames = self._read_frames() if FRAMES in names else range(self._count)
        except UNREADABLE as error:
            raise InvalidPrompt("The file is broken.", hint="Write it again.") from error
        if len(self.frames) != self._count:
            raise InvalidPrompt(f"It has {self._count} masks for {len(self.frames)} frames.")

    def read(self, at: int) -> BoolMask:
        """Read the mask at this index. Raises `InvalidPrompt`."""
        try:
            if at < self._next:
                self._open()
            while self._next <= at:
                self._next += 1
                values = _values(self._file, self._head, self._size_hw)
        except UNREADABLE as error:
            raise InvalidPrompt("The file is broken.", hint="Write it again.") from error
        mask: BoolMask = values > 0
        return mask

    def _open(self) -> None:
        self._file = self._zip.open(MASKS)
        whole = read_head(self._file)
        if len(whole.shape) != 3 or whole.fortran_order or whole.shape[0] > MAX_FRAMES:
            raise InvalidPrompt("`masks` is no array of frames, height and width.")
        self._count = whole.shape[0]
        self._head = Head(whole.shape[1:], whole.dtype, fortran_order=False)
        self._next = 0
        require_size(self._head, self._size_hw)

    def _read_frames(self) -> list[int]:
        with self._zip.open(FRAMES) as file:
            head = read_head(file)
            if len(head.shape) != 1 or head.dtype.kind not in "iu" or head.shape[0] > MAX_FRAMES:
                raise InvalidPrompt("`frame_idx` is no list of whole numbers.")
            numbers: list[int] = _array(file, head).tolist()
            return numbers


def require_size(head: Head, size_hw: tuple[int, int]) -> None:
    """Refuse a mask of another size than the video's. Raises `InvalidPrompt`."""
    if head.shape != size_hw:
        shape = "x".join(map(str, reversed(head.shape)))[:60]
        raise InvalidPrompt(f"The mask is {shape}, the video {size_hw[1]}x{size_hw[0]}.")


def _values(file: IO[bytes], head: Head, size_hw: tuple[int, int]) -> Values:
    require_size(head, size_hw)
    return _array(file, head)


def _array(file: IO[bytes], head: Head) -> Values:
    wanted = head.dtype.itemsize * int(np.prod(head.shape, dtype=np.int64))
    data = file.read(wanted)
    if len(data) < wanted:
        raise InvalidPrompt("The array ends early.", hint="Write it again.")
    values: Values = np.frombuffer(data, head.dtype)
    return values.reshape(head.shape, order="F" if head.fortran_order else "C")


def _reordered(
    shape: tuple[int, ...], fortran_order: bool, dtype: np.dtype[np.generic]
) -> tuple[tuple[int, ...], np.dtype[np.generic], bool]:
    return shape, dtype, fortran_order
