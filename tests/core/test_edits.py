"""Edits of a frame's prompts, from state to state."""

from __future__ import annotations

import pytest

from sam2_session.core import edits
from sam2_session.core.errors import InvalidPrompt, NothingToDo
from sam2_session.core.frame_state import Base, FrameState
from sam2_session.core.types import Box, FramePrompt, Point

FIRST, SECOND = Point(1, 2, 1), Point(3, 4, 0)
BOX = Box(0, 0, 9, 9)
PROPAGATED, DRAWN = Base(7), Base(8, is_prompt=True)
EMPTY = FrameState()


def state(*points: Point, box: Box | None = None, base: Base | None = None) -> FrameState:
    return FrameState(FramePrompt(points, box), base)


def test_clicks_are_added_after_those_that_are_there() -> None:
    assert edits.add_points([SECOND])(state(FIRST, box=BOX)) == state(FIRST, SECOND, box=BOX)


def test_a_moved_click_keeps_its_label_and_its_place_in_the_order() -> None:
    assert edits.move_point(0, 5, 6)(state(FIRST, SECOND)) == state(Point(5, 6, 1), SECOND)


def test_only_the_click_that_is_named_goes() -> None:
    assert edits.remove_point(0)(state(FIRST, SECOND, base=PROPAGATED)) == state(
        SECOND, base=PROPAGATED
    )


@pytest.mark.parametrize("edit", [edits.remove_point(1), edits.move_point(1, 0, 0)])
def test_a_click_that_is_not_there_is_refused(edit: edits.Edit) -> None:
    with pytest.raises(InvalidPrompt, match="1 points"):
        edit(state(FIRST))


def test_without_its_last_prompt_a_frame_has_the_mask_from_before_again() -> None:
    assert edits.remove_point(0)(state(FIRST, base=PROPAGATED)) == state(base=PROPAGATED)
    assert edits.set_box(None)(state(box=BOX, base=PROPAGATED)) == state(base=PROPAGATED)
    assert edits.set_prompt(FramePrompt())(state(FIRST, base=PROPAGATED)) == state(base=PROPAGATED)


def test_a_drawn_mask_takes_the_place_of_everything() -> None:
    assert edits.set_mask(8)(state(FIRST, box=BOX, base=PROPAGATED)) == state(base=DRAWN)


def test_clear_takes_prompts_first_and_then_the_mask() -> None:
    prompted = state(FIRST, base=PROPAGATED)

    assert edits.clear(prompted) == state(base=PROPAGATED)
    assert edits.clear(edits.clear(prompted)) == EMPTY
    assert edits.clear(state(base=DRAWN)) == EMPTY


@pytest.mark.parametrize(
    "before", [state(FIRST), state(base=PROPAGATED), state(base=DRAWN), state(FIRST, base=DRAWN)]
)
def test_a_removed_mask_leaves_nothing(before: FrameState) -> None:
    assert edits.remove_mask(before) == EMPTY


@pytest.mark.parametrize("edit", [edits.clear, edits.remove_mask, edits.copy(EMPTY)])
def test_where_nothing_is_there_is_nothing_to_do(edit: edits.Edit) -> None:
    with pytest.raises(NothingToDo):
        edit(EMPTY)


def test_a_copy_takes_a_drawn_mask_along_and_leaves_a_propagated_one() -> None:
    before = state(SECOND, base=PROPAGATED)

    assert edits.copy(state(FIRST, base=DRAWN))(before) == state(FIRST, base=DRAWN)
    assert edits.copy(state(FIRST, base=Base(9)))(before) == state(FIRST, base=PROPAGATED)


def test_an_absent_frame_keeps_the_mask_below_it() -> None:
    tracked = FrameState(base=Base(3))

    absent = edits.mark_absent(edits.add_points([FIRST])(tracked))

    assert absent == FrameState(base=Base(3), absent=True)
    assert not absent.is_prompted
    assert FrameState.from_json(absent.to_json()) == absent
    assert edits.unmark_absent(absent) == tracked
    assert edits.clear(absent) == tracked


def test_a_prompt_says_that_the_object_is_there() -> None:
    absent = FrameState(base=Base(3), absent=True)

    assert edits.add_points([FIRST])(absent) == FrameState(FramePrompt((FIRST,)), Base(3))
    assert edits.set_box(None)(absent) == absent
    assert "absent" not in FrameState().to_json()  # the digests of stored states stay
