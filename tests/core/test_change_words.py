"""Changes of a frame are named by what a person did."""

from __future__ import annotations

import pytest

from sam2_session.core.change_words import change_words
from sam2_session.core.frame_state import Base, FrameState
from sam2_session.core.types import Box, FramePrompt, Point

ONE, TWO, THREE = Point(1, 2, 1), Point(3, 4, 0), Point(5, 6, 1)
BOX = Box(0, 0, 5, 5)
EMPTY = FrameState()
PAINTED = FrameState(base=Base(7, is_prompt=True))


def clicked(*points: Point, box: Box | None = None, base: Base | None = None) -> FrameState:
    return FrameState(FramePrompt(points, box), base)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (EMPTY, clicked(ONE), "click"),
        (clicked(ONE), clicked(ONE, TWO, THREE), "clicks"),
        (clicked(box=BOX), clicked(ONE, box=BOX), "click"),
        (clicked(ONE), clicked(TWO), "moved click"),
        (clicked(ONE, TWO), clicked(ONE), "removal of a click"),
        (clicked(ONE), EMPTY, "removal of a click"),
        (clicked(ONE, TWO), EMPTY, "clearing of the frame"),
        (clicked(ONE), clicked(ONE, box=BOX), "box"),
        (clicked(ONE, box=BOX), clicked(ONE), "removal of the box"),
        (clicked(ONE, TWO, box=BOX), EMPTY, "clearing of the frame"),
        (EMPTY, PAINTED, "painted mask"),
        (PAINTED, FrameState(base=Base(8, is_prompt=True)), "painted mask"),
        (PAINTED, EMPTY, "clearing of the frame"),
        (PAINTED, clicked(ONE, base=PAINTED.base), "click"),
        (EMPTY, FrameState(absent=True), "absent mark"),
        (FrameState(absent=True), EMPTY, "removal of the absent mark"),
        (FrameState(base=Base(7)), EMPTY, "change"),
    ],
)
def test_a_change_is_named(before: FrameState, after: FrameState, words: str) -> None:
    assert change_words(before, after) == words
