"""Scales frames down for lists and filmstrips, keeping the latest in memory."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import cv2

from sam2_session.core.errors import InvalidRequest, StorageFailed
from sam2_session.runtime import Lock
from sam2_session.storage.atomic import storage_failed
from sam2_session.storage.extraction import encode_jpeg
from sam2_session.storage.reduced_frames import REDUCED

MAX_WIDTH = 8192  # pixels
CACHE_BYTES = 32 * 1024 * 1024
THUMBNAIL_QUALITY = 80
CacheKey = tuple[Path, int, int]  # file, mtime_ns, width


class Thumbnails:
    """Scales frames; may be called from any thread."""

    def __init__(self, cache_bytes: int = CACHE_BYTES) -> None:
        self._budget = cache_bytes
        self._used = 0
        self._kept: OrderedDict[CacheKey, bytes] = OrderedDict()
        self._lock = Lock()

    def read(self, path: Path, *, full_width: int, width: int | None) -> bytes:
        """Read a frame as JPEG, at most `width` pixels wide and never enlarged."""
        if width is not None and (isinstance(width, bool) or not 1 <= width <= MAX_WIDTH):
            raise InvalidRequest(f"width must be from 1 to {MAX_WIDTH}, not {width!r}.")
        try:
            if width is None or width >= full_width:
                return path.read_bytes()
            key = (path, path.stat().st_mtime_ns, width)
        except OSError as error:
            raise storage_failed(path, error) from error
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        data = _scaled(path, full_width, width)
        self._keep(key, data)
        return data

    def _keep(self, key: CacheKey, data: bytes) -> None:
        with self._lock:
            self._used += len(data) - len(self._kept.pop(key, b""))
            self._kept[key] = data
            while self._used > self._budget and self._kept:
                self._used -= len(self._kept.popitem(last=False)[1])


def _scaled(path: Path, full_width: int, width: int) -> bytes:
    flag = next(flag for factor, flag in REDUCED if full_width // factor >= width)
    image = cv2.imread(str(path), flag)
    if image is None:
        raise StorageFailed(
            f"Frame {path.name} is broken on disk.",
            hint="Delete the frames folder of this video and open it again.",
        )
    height = max(1, round(image.shape[0] * width / image.shape[1]))
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return encode_jpeg(small, THUMBNAIL_QUALITY)
