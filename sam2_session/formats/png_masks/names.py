"""Reads the names of colours and classes that other programs put beside their masks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sam2_session.formats.importing.file_tree import FileTree
from sam2_session.formats.importing.plan import safe_text

MAX_BYTES = 64 * 1024
CHANNEL = re.compile(r"\d{1,3}")
COLOURS = "labelmap.txt"  # name:r,g,b:parts:actions, as CVAT and VOC tools write it
CLASSES = "labels.txt"  # one class a line, counted from 1


def colour_names(tree: FileTree) -> dict[int, str]:
    """Return the name of each colour, 0xRRGGBB, as labelmap.txt states it."""
    found = {}
    for line in _lines(tree, COLOURS):
        name, _, rest = line.partition(":")
        channels = [channel.strip() for channel in rest.split(":", 1)[0].split(",")]
        if line.startswith("#") or len(channels) != 3:
            continue
        if all(CHANNEL.fullmatch(channel) and int(channel) <= 255 for channel in channels):
            red, green, blue = (int(channel) for channel in channels)
            found[(red << 16) | (green << 8) | blue] = safe_text(name)
    return found


def class_names(tree: FileTree) -> Mapping[int, str]:
    """Return the name of each class by its number, from 1, as labels.txt states it."""
    return dict(enumerate(map(safe_text, _lines(tree, CLASSES)), start=1))


def _lines(tree: FileTree, name: str) -> list[str]:
    for path in tree.paths:
        if path.rsplit("/", 1)[-1].casefold() == name:
            text = tree.read(path)[:MAX_BYTES].decode("utf-8", "replace")
            return [line.strip() for line in text.splitlines() if line.strip()]
    return []
