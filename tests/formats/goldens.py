"""Reads the content of exported files, comparable whatever zlib or x264 wrote them.

``python -m tests.formats.goldens`` writes the golden files again.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from sam2_session.formats.registry import EXPORTERS
from tests.formats.drawn_source import written

GOLDEN = Path(__file__).parent / "golden"


def content_of(path: Path) -> dict[str, Any]:
    """Read a file's content by name: pixels, JSON values, arrays, texts, frames of a video."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as file:
            return {name: _readable(name, file.read(name)) for name in file.namelist()}
    if path.suffix == ".mp4":
        return {"times": [time for time, _ in film(path)], "frames": [p for _, p in film(path)]}
    return {path.name: _readable(path.name, path.read_bytes())}


def film(path: Path) -> Iterator[tuple[float, Any]]:
    """Yield the time and a small picture of each frame."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            picture = Image.fromarray(frame.to_ndarray(format="rgb24"))
            assert frame.time is not None
            yield round(frame.time, 6), np.asarray(picture).astype(int)


def _readable(name: str, data: bytes) -> Any:
    match Path(name).suffix:
        case ".png" | ".jpg":
            return _pixels(data)
        case ".json":
            value = json.loads(data, object_hook=_with_pixels)
            return {**value, "tool": None} if "tool" in value else value
        case ".npy":
            return np.load(io.BytesIO(data)).tolist()
        case ".npz":
            stack = np.load(io.BytesIO(data))
            return {key: stack[key].tolist() for key in stack}
        case _:
            return data.decode()


def _pixels(data: bytes) -> Any:
    with Image.open(io.BytesIO(data)) as image:
        return (image.mode, image.getpalette(), np.asarray(image).tolist())


def _with_pixels(value: dict[str, Any]) -> dict[str, Any]:
    """Open the picture of a LabelMe shape, which is a PNG in base 64."""
    mask = value.get("mask")
    return {**value, "mask": _pixels(b64decode(mask))} if isinstance(mask, str) else value


def main() -> None:
    """Write all golden files."""
    GOLDEN.mkdir(exist_ok=True)
    for name, row in EXPORTERS.items():
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(written(Path(folder), name), GOLDEN / f"{name}{row.suffix}")


if __name__ == "__main__":
    main()
