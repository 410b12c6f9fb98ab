"""Parses YOLO's files: coordinates as shares of the frame, and names of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import yaml

from sam2_session.core.types import BoolMask
from sam2_session.formats.importing.json_input import number_of, whole

MAX_NAMES_BYTES = 64 * 1024
MAX_BRACKETS = 100  # nested ones cost the YAML parser quadratic time
MAX_KEYPOINTS = 1000
BOX = 4  # numbers: centre and size
CONFIDENCE = "The confidence at the end of the lines was left out."
SLACK = 0.01  # a share may lie so far outside 0 to 1: other programs round
Shares = npt.NDArray[np.float64]  # (n, 2): x and y as shares of the frame


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a label file, after its class: a box or an outline, and what else it holds."""

    shares: Shares  # two rows for a box (centre, size), more for an outline
    keypoints: tuple[tuple[float, float, float], ...] = ()  # x and y as shares, visibility 0 to 2
    track: str | None = None
    dropped: str | None = None  # a note on what was not read


@dataclass(frozen=True, slots=True)
class KeypointShape:
    """Shape of the keypoints in each line: their number, and two or three numbers for each."""

    count: int
    numbers: int

    @property
    def length(self) -> int:
        """Numbers of a line that are keypoints."""
        return self.count * self.numbers


def parse_line(words: Sequence[str], keypoints: KeypointShape | None = None) -> Line | None:
    """Parse the numbers after a class; None if they are neither a box nor an outline.

    A trailing confidence is dropped. Six numbers that end in a whole one are a box with confidence
    and track, as trackers write them.
    """
    values = [number_of(word) for word in words]
    if len(values) < BOX or None in values:
        return None
    numbers = [value for value in values if value is not None]
    if keypoints and len(numbers) - BOX - keypoints.length in (0, 1):
        return _pose(numbers, keypoints)
    if len(numbers) == BOX + 1:
        return _tracked(numbers, words, confidence=None)
    if len(numbers) == BOX + 2 and _is_whole(words[-1]):
        return _tracked(numbers, words, confidence=numbers[BOX])
    if len(numbers) % 2:
        return _line(numbers[:-1], dropped=CONFIDENCE)
    return _line(numbers)


def _pose(numbers: Sequence[float], keypoints: KeypointShape) -> Line | None:
    rest = numbers[BOX : BOX + keypoints.length]
    rows = [rest[at : at + keypoints.numbers] for at in range(0, len(rest), keypoints.numbers)]
    points = tuple((row[0], row[1], row[2] if len(row) > 2 else 2.0) for row in rows)
    return _line(numbers[:BOX], keypoints=points)


def _tracked(
    numbers: Sequence[float], words: Sequence[str], confidence: float | None
) -> Line | None:
    if _is_whole(words[-1]):
        dropped = CONFIDENCE if confidence is not None else None
        return _line(numbers[:BOX], track=words[-1], dropped=dropped)
    return _line(numbers[:BOX], dropped=CONFIDENCE)


def _line(numbers: Sequence[float], **rest: Any) -> Line | None:
    shares = np.array(numbers, np.float64).reshape(-1, 2)
    if shares.min() < -SLACK or shares.max() > 1 + SLACK:
        return None
    return Line(shares.clip(0, 1), **rest)


def _is_whole(word: str) -> bool:
    return word.isdecimal() and int(word) >= 1


def draw(shares: Shares, size_hw: tuple[int, int]) -> BoolMask:
    """Draw an outline as YOLO trainers do: corners cut to whole pixels, the line included."""
    height, width = size_hw
    corners = (shares * (width, height)).astype(np.int32)
    mask: BoolMask = cv2.fillPoly(np.zeros(size_hw, np.uint8), [corners], 1) > 0
    return mask


def class_names(data: bytes) -> dict[int, str]:
    """Read the class names of data.yaml, a list or by number; empty if it cannot be read."""
    names = _document(data).get("names")
    if isinstance(names, list):
        names = dict(enumerate(names))
    rows = names.items() if isinstance(names, dict) else ()
    return {at: name for at, name in rows if isinstance(at, int) and isinstance(name, str)}


def listed_names(data: bytes) -> dict[int, str]:
    """Read the class names of classes.txt or obj.names, one a line."""
    lines = data[:MAX_NAMES_BYTES].decode("utf-8", "replace").splitlines()
    return {at: line.strip() for at, line in enumerate(lines) if line.strip()}


def keypoint_shape(data: bytes) -> KeypointShape | None:
    """Read ``kpt_shape: [count, 2 or 3]`` of data.yaml; None without one."""
    shape = _document(data).get("kpt_shape")
    if not isinstance(shape, list) or len(shape) != 2:
        return None
    count, numbers = (whole(value) for value in shape)
    if count is None or numbers not in (2, 3) or not 0 < count <= MAX_KEYPOINTS:
        return None
    return KeypointShape(count, numbers)


def keypoint_names(data: bytes) -> list[str]:
    """Read the names of keypoints in data.yaml; empty if it names none."""
    names = _document(data).get("kpt_names")
    if isinstance(names, dict):  # by class
        names = next(iter(names.values()), None)
    return [str(name) for name in names] if isinstance(names, list) else []


def _document(data: bytes) -> dict[Any, Any]:
    if len(data) > MAX_NAMES_BYTES or data.count(b"[") + data.count(b"{") > MAX_BRACKETS:
        return {}
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(data)):
            return {}  # a few aliases can expand to more than fits into memory
        document = yaml.safe_load(data)
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
