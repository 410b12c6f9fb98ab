"""A file of several clips gives only this video's; if none has its name, the user is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sam2_session.core.errors import InvalidRequest
from sam2_session.formats.importing.clips import only_this_clip
from sam2_session.formats.importing.plan_builder import PlanBuilder
from tests.formats.label_studio.documents import CHOICES, facts

OTHERS = ("left/0.png", "left/1.png", "right/0.png", "right/1.png")


def builder_of(task: str | None = None) -> PlanBuilder:
    return PlanBuilder(facts(), replace(CHOICES, task=task))


@pytest.mark.parametrize(
    "names",
    [
        ("clip/0.png", "clip/1.png", "other/0.png"),
        ("data/clip_mp4/0.png", "data/clip_mp4/1.png", "data/other_mp4/0.png"),
        ("clip_0.png", "clip_1.png", "other_0.png"),
    ],
)
def test_the_clip_of_this_video_is_picked_by_its_name(names: tuple[str, ...]) -> None:
    builder = builder_of()

    assert only_this_clip(names, builder) == frozenset(names[:2])
    assert len(builder.notes.all()) == 1


def test_clips_of_other_names_are_asked_about() -> None:
    builder = builder_of()

    assert only_this_clip(OTHERS, builder) == frozenset()
    plan = builder.build("x")
    assert (plan.needs, [task.value for task in plan.tasks]) == ("task", ["left", "right"])


def test_the_clip_that_was_chosen_is_read() -> None:
    assert only_this_clip(OTHERS, builder_of("right")) == frozenset(OTHERS[2:])
    with pytest.raises(InvalidRequest, match="no clip 'up'"):
        only_this_clip(OTHERS, builder_of("up"))


@pytest.mark.parametrize(
    "names",
    [("train/0.txt", "train/2.txt", "val/1.txt"), ("0.png", "1.png"), ("a.png", "b.png"), ()],
)
def test_one_clip_split_for_training_stays_whole(names: tuple[str, ...]) -> None:
    assert only_this_clip(names, builder_of()) == frozenset(names)
