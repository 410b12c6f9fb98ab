"""Keypoints as clients send them: checked, and made nouns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sam2_session.core.errors import InvalidPrompt
from sam2_session.core.types import Keypoint
from sam2_session.services.requests import optional_int, require_inside, require_int

Rows = Sequence[Mapping[str, Any]]


def parse_keypoint(
    data: Mapping[str, Any], keypoint_id: int, frame_idx: int, size_hw: tuple[int, int]
) -> Keypoint:
    """One keypoint inside the frame. Raises `InvalidPrompt`."""
    visible = data.get("visible", True)
    if not isinstance(visible, bool):
        raise InvalidPrompt("visible must be true or false.")
    x, y, name = data.get("x"), data.get("y"), data.get("name")
    keypoint = Keypoint(keypoint_id, frame_idx, x, y, name, visible)  # type: ignore[arg-type]
    require_inside(keypoint.x, keypoint.y, size_hw)
    return keypoint


def parse_moved(before: Keypoint, data: Mapping[str, Any], size_hw: tuple[int, int]) -> Keypoint:
    """The keypoint with the fields that were sent. Raises `InvalidPrompt` if none was."""
    fields = {name: data[name] for name in ("x", "y", "name", "visible") if name in data}
    if not fields:
        raise InvalidPrompt("Nothing to change.", hint="Send x, y, name or visible.")
    merged = {**before.to_wire(), **fields}
    return parse_keypoint(merged, before.keypoint_id, before.frame_idx, size_hw)


def parse_frame(rows: Rows, frame_idx: int, size_hw: tuple[int, int], fresh: int) -> list[Keypoint]:
    """All keypoints of a frame; those without an id get theirs from `fresh` on."""
    parsed = []
    for offset, row in enumerate(rows):
        keypoint_id = optional_int(row, "keypoint_id") or fresh + offset
        parsed.append(parse_keypoint(row, keypoint_id, frame_idx, size_hw))
    return parsed


def by_frame(rows: Any) -> Mapping[int, Rows]:
    """The rows of each frame, in their order."""
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise InvalidPrompt("keypoints must be a list of objects.")
    grouped: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(require_int(row, "frame_idx"), []).append(row)
    return grouped


def require_different(ids: Iterable[Any]) -> None:
    """Refuse an id that is there twice; those that are missing are given later."""
    named = [one for one in ids if one]
    if len(set(map(repr, named))) < len(named):
        raise InvalidPrompt("A keypoint_id is there twice.", hint="Leave it out for new ones.")


def steps_between(now: Mapping[int, Rows], wanted: Mapping[int, Rows]) -> list[tuple[int, Rows]]:
    """What frames are to hold, one after the other, so that no id is ever on two of them."""
    frame_of = {
        row["keypoint_id"]: frame_idx
        for frame_idx, here in wanted.items()
        for row in here
        if row.get("keypoint_id")
    }
    staying = {
        frame_idx: [r for r in here if frame_of.get(r["keypoint_id"], frame_idx) == frame_idx]
        for frame_idx, here in now.items()
    }
    leave: list[tuple[int, Rows]] = [
        (frame_idx, here) for frame_idx, here in staying.items() if here != now[frame_idx]
    ]
    come = [
        (frame_idx, wanted.get(frame_idx, []))
        for frame_idx in sorted({*staying, *wanted})
        if wanted.get(frame_idx, []) != staying.get(frame_idx, [])
    ]
    return leave + come
