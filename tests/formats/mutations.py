"""Random changes to files of every kind that is read."""

from __future__ import annotations

import json
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sam2_session.formats.importing.frame_names import BY_NAME, BY_ORDER
from sam2_session.formats.registry import EXPORTERS
from tests.formats.drawn_source import written
from tests.formats.foreign_inputs import foreign_inputs

FORMATS = [name for name, row in EXPORTERS.items() if "masks" in row.holds or name == "tables"]
UNREAD = ("overlay", "green", "cut")
ODD_VALUES = [None, -1, 0, 1e308, 2**63, "", "7", "\u202e", [], {}, True, [[]], "NaN", -0.5,
              8192, 100_000, 999_999_999]  # fmt: skip
ODD_NUMBERS = [b"", b"-1", b"1e308", b"9" * 30, b"nan", b"x", b"0.5.5", b"\xd9\xa3", b"-0",
               b"8192", b"999999999"]  # fmt: skip
ODD_LENGTHS = [0, 5, 2**29, 2**31 - 1, 2**32 - 1]  # of a chunk
ODD_SIDES = [0, 1, 47, 65, 8000, 8192, 8193, 2**31 - 1]
HEAD_BYTES = 128  # of an array, in which its shape stands
CHUNK = re.compile(rb"....(?=IHDR|PLTE|tRNS|IDAT|IEND)", re.DOTALL)
NUMBER = re.compile(rb"[0-9.]+")
TEXTS = (".txt", ".xml", ".yaml", ".names")
FRAMES_BY_NAME = frozenset({"mask_folders", "yolo", "labelme", "surgical", "coco"})


def originals_of(folder: Path) -> list[Path]:
    """Write one file of every kind: our own exports, and those of other programs."""
    own = []
    for name in FORMATS:
        if not name.startswith(UNREAD):
            (folder / name).mkdir()
            own.append(written(folder / name, name))
    (folder / "foreign").mkdir()
    return [*own, *foreign_inputs(folder / "foreign")]


def assert_is_a_report(report: dict[str, Any], num_frames: int) -> None:
    """Every item has a frame of the video and a subject, and it is told how frames were found.

    A question comes without items.
    """
    subjects = {subject["name"] for subject in report["subjects"]}
    assert not (report["needs"] and report["items"])
    for item in report["items"]:
        assert 0 <= item["frame_idx"] < num_frames
        assert item["subject"] in subjects
    assert report["items"] or report["needs"] or report["notes"] or not subjects
    if report["items"] and report["format"] in FRAMES_BY_NAME:
        told = {note["why"] for note in report["notes"]}
        assert report["frame_offset"] is not None or told & {BY_NAME, BY_ORDER}


def mutate(original: Path, path: Path, dice: random.Random) -> None:
    """Change a value, a name or some bytes of a file, or of one file in a ZIP."""
    if original.suffix != ".zip":
        path.write_bytes(changed(original.name, original.read_bytes(), dice))
        return
    with zipfile.ZipFile(original) as read:
        files = {name: read.read(name) for name in read.namelist()}
    if dice.random() < 0.5:
        files.pop("manifest.json", None)  # as of another program
    chosen = dice.choice(sorted(files)) if files else ""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            new_name = odd_name(name, dice) if name == chosen and dice.random() < 0.4 else name
            archive.writestr(new_name, changed(name, data, dice) if name == chosen else data)
    if dice.random() < 0.05:
        path.write_bytes(path.read_bytes()[: dice.randrange(1, path.stat().st_size)])


def odd_name(name: str, dice: random.Random) -> str:
    folder, slash, file = name.rpartition("/")
    stem, dot, suffix = file.rpartition(".")
    odd = [stem + "_7", "7" * 30, "-3", "frame 008", "8_9", stem[:-1], "\u0663", f"{stem}_mask1"]
    return f"{folder}{slash}{dice.choice(odd)}{dot}{suffix}"


def changed(name: str, data: bytes, dice: random.Random) -> bytes:
    if name.endswith(TEXTS) and dice.random() < 0.7:
        return with_odd_number(data, dice)
    if name.endswith(".json") and dice.random() < 0.8:
        document = json.loads(data)
        places = list(_places(document))
        holder, key = dice.choice(places)
        holder[key] = dice.choice(ODD_VALUES)
        return json.dumps(document).encode()
    if name.endswith(".png") and dice.random() < 0.3:
        return with_odd_chunk(data, dice)
    if name.endswith(".npy") and dice.random() < 0.3:
        return with_odd_number(data[:HEAD_BYTES], dice) + data[HEAD_BYTES:]
    content = bytearray(data)
    for _ in range(dice.randrange(1, 6)):
        if content:
            content[dice.randrange(len(content))] = dice.randrange(256)
    return bytes(content[: dice.randrange(len(content) + 1)] if dice.random() < 0.2 else content)


def _places(value: object) -> Iterator[tuple[dict[object, object] | list[object], object]]:
    """Yield every place of a document in which a value stands."""
    if isinstance(value, dict):
        for key in value:
            yield value, key
            yield from _places(value[key])
    elif isinstance(value, list):
        for at, item in enumerate(value[:50]):
            yield value, at  # type: ignore[misc]
            yield from _places(item)


def with_odd_chunk(png: bytes, dice: random.Random) -> bytes:
    """Let a chunk of a PNG claim another length, or the header another picture."""
    if dice.random() < 0.5:
        at = dice.choice([found.start() for found in CHUNK.finditer(png)] or [8])
        return png[:at] + dice.choice(ODD_LENGTHS).to_bytes(4, "big") + png[at + 4 :]
    width, height = dice.choice(ODD_SIDES), dice.choice(ODD_SIDES)
    depth, colour = dice.choice((1, 2, 4, 8, 16)), dice.choice((0, 2, 3, 4, 6))
    head = b"IHDR" + struct.pack(">IIBB", width, height, depth, colour) + png[26:29]
    return png[:12] + head + struct.pack(">I", zlib.crc32(head)) + png[33:]


def with_odd_number(data: bytes, dice: random.Random) -> bytes:
    """Change one number of a text."""
    numbers = list(NUMBER.finditer(data))
    if not numbers:
        return data
    start, end = dice.choice(numbers).span()
    return data[:start] + dice.choice(ODD_NUMBERS) + data[end:]
