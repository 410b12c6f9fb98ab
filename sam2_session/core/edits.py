"""Edits of a frame's prompts: pure functions from the state before to the state after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from sam2_session.core.errors import InvalidPrompt, NothingToDo
from sam2_session.core.frame_state import Base, FrameState
from sam2_session.core.types import Box, FramePrompt, Point

Edit = Callable[[FrameState], FrameState]


def add_points(points: Iterable[Point]) -> Edit:
    """Add clicks after those that are there."""
    added = tuple(points)

    def edit(state: FrameState) -> FrameState:
        return _with_prompt(state, FramePrompt((*state.prompt.points, *added), state.prompt.box))

    return edit


def remove_point(point_idx: int) -> Edit:
    """Remove one click."""

    def edit(state: FrameState) -> FrameState:
        points = _points_with(point_idx, state)
        rest = points[:point_idx] + points[point_idx + 1 :]
        return _with_prompt(state, FramePrompt(rest, state.prompt.box))

    return edit


def move_point(point_idx: int, x: float, y: float) -> Edit:
    """Move one click; its label and its place in the order stay."""

    def edit(state: FrameState) -> FrameState:
        points = _points_with(point_idx, state)
        moved = replace(points[point_idx], x=x, y=y)
        after = (*points[:point_idx], moved, *points[point_idx + 1 :])
        return replace(state, prompt=FramePrompt(after, state.prompt.box), approved_as=None)

    return edit


def set_box(box: Box | None) -> Edit:
    """Put a box in front of the clicks; None takes it away."""

    def edit(state: FrameState) -> FrameState:
        return _with_prompt(state, FramePrompt(state.prompt.points, box))

    return edit


def set_prompt(prompt: FramePrompt) -> Edit:
    """Replace all prompts."""

    def edit(state: FrameState) -> FrameState:
        return _with_prompt(state, prompt)

    return edit


def copy(source: FrameState) -> Edit:
    """Replace all prompts by those of another frame or pair, a mask drawn by hand included."""

    def edit(state: FrameState) -> FrameState:
        if not source.is_prompted:
            raise NothingToDo("There are no prompts to copy.", hint="Copy a frame with clicks.")
        by_hand = source.base is not None and source.base.is_prompt
        return FrameState(source.prompt, source.base if by_hand else state.base)

    return edit


def set_mask(base_id: int) -> Edit:
    """Put a mask drawn by hand in the place of points, box and the mask below them."""

    def edit(_: FrameState) -> FrameState:
        return FrameState(FramePrompt(), Base(base_id, is_prompt=True))

    return edit


def mark_absent(state: FrameState) -> FrameState:
    """Say that the object is not on the frame: no prompts, and an empty mask."""
    if state.absent:
        raise NothingToDo("The object is marked absent on this frame already.")
    return replace(_without_prompt(state), absent=True)


def unmark_absent(state: FrameState) -> FrameState:
    """Take that back: the mask from before comes back, if there was one."""
    if not state.absent:
        raise NothingToDo("The object is not marked absent on this frame.")
    return replace(state, absent=False, approved_as=None)


def clear(state: FrameState) -> FrameState:
    """Remove the prompts, so that the mask before them comes back; without any, the mask."""
    if state.absent:
        return unmark_absent(state)
    if state.is_prompted:
        return _without_prompt(state)
    if state.base is None:
        raise NothingToDo("This frame has nothing to clear.")
    return FrameState()


def remove_mask(state: FrameState) -> FrameState:
    """Remove prompts and mask."""
    if not state.is_prompted and state.base is None and not state.absent:
        raise NothingToDo("This frame has no mask.")
    return FrameState()


def _points_with(point_idx: int, state: FrameState) -> tuple[Point, ...]:
    points = state.prompt.points
    if point_idx >= len(points):
        raise InvalidPrompt(f"The frame has {len(points)} points; there is no {point_idx}.")
    return points


def _with_prompt(state: FrameState, prompt: FramePrompt) -> FrameState:
    absent = state.absent and not prompt
    changed = replace(state, prompt=prompt, absent=absent, approved_as=None)
    return changed if changed.is_prompted else _without_prompt(changed)


def _without_prompt(state: FrameState) -> FrameState:
    keeps_base = state.base is not None and not state.base.is_prompt
    return FrameState(FramePrompt(), state.base if keeps_base else None, state.absent)
