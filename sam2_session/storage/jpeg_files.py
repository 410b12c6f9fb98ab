"""Checks the JPEG files of frames without decoding them."""

from __future__ import annotations

import struct
from collections import OrderedDict
from pathlib import Path

from PIL import Image

from sam2_session.runtime import Lock
from sam2_session.storage.extraction import is_whole_jpeg

KEPT = 100_000  # files that are known to be good

Seen = tuple[int, int, int]  # time, bytes, inode


class FrameFiles:
    """Remembers which files are whole JPEGs of the right size; for any thread."""

    def __init__(self) -> None:
        self._good: OrderedDict[Path, tuple[Seen, tuple[int, int]]] = OrderedDict()
        self._lock = Lock()

    def is_good(self, path: Path, size_wh: tuple[int, int]) -> bool:
        """Tell if a file is a whole JPEG of this size; one seen before is read only if changed."""
        try:
            stat = path.stat()
        except OSError:
            return False
        entry = ((stat.st_mtime_ns, stat.st_size, stat.st_ino), size_wh)
        with self._lock:
            if self._good.get(path) == entry:
                return True
        if jpeg_size(path) != size_wh:
            return False
        with self._lock:
            self._good[path] = entry
            while len(self._good) > KEPT:
                self._good.popitem(last=False)
        return True


def jpeg_size(path: Path) -> tuple[int, int] | None:
    """Return width and height of a file that starts and ends like a JPEG; else None."""
    if not is_whole_jpeg(path):
        return None
    try:
        with Image.open(path, formats=("JPEG",)) as image:  # reads no pixels
            return image.size
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError):
        return None
