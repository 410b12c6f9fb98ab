"""Names lead to frames: those of the video's own pictures, else the number that varies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sam2_session.core.errors import UnsupportedImport
from sam2_session.formats.importing.frame_names import match_names
from sam2_session.formats.importing.plan import Outcome
from sam2_session.formats.importing.plan_builder import PlanBuilder
from tests.formats.label_studio.documents import CHOICES, facts


def builder_of(*own: str, num_frames: int = 50, offset: int | None = None) -> PlanBuilder:
    video = replace(facts(num_frames=len(own) or num_frames), frame_names=own)
    return PlanBuilder(video, replace(CHOICES, frame_offset=offset))


def frames_of(builder: PlanBuilder, *names: str, by_folder: bool = False) -> list[int | None]:
    found = match_names(names, builder, by_folder=by_folder)
    return [found.frame_of(name, order, name) for order, name in enumerate(names)]


@pytest.mark.parametrize(
    ("names", "frames"),
    [
        (("00003.png", "00008.png"), [3, 8]),
        (("clip2_00003_v7.png", "clip2_00008_v7.png"), [3, 8]),
        (("f3-0120ms.png", "f8-0320ms.png"), [3, 8]),
        (("a-0003_jpg.rf.a8f31.jpg", "a-0008_jpg.rf.7be4d9.jpg"), [3, 8]),
        (("take2_00003.png",), [3]),
    ],
)
def test_the_number_that_varies_is_the_frame(names: tuple[str, ...], frames: list[int]) -> None:
    assert frames_of(builder_of(), *names) == frames


@pytest.mark.parametrize(
    "names",
    [
        ("cam1_0001.png", "cam1_0002.png", "cam2_0001.png"),
        ("left7.png", "right7.png"),
        ("3_8.png", "8_3.png"),
    ],
)
def test_names_that_do_not_tell_are_refused_unless_an_offset_is_given(
    names: tuple[str, ...],
) -> None:
    with pytest.raises(UnsupportedImport, match="do not tell which number"):
        frames_of(builder_of(), *names)

    last = [int(name.removesuffix(".png")[-1]) for name in names]
    assert frames_of(builder_of(offset=0), *names) == last


@pytest.mark.parametrize(
    ("own", "names", "frames"),
    [
        (("0001.jpg", "0002.jpg", "0003.jpg"), ("0002.png",), [1]),
        (("00000.jpg", "00002.jpg", "00004.jpg"), ("00002.jpg", "00004.jpg"), [1, 2]),
        (("a.jpg", "b.jpg", "c.jpg"), ("c.jpg", "A.PNG"), [2, 0]),
        (("0005.jpg", "0007.jpg", "0009.jpg"), ("x7.png", "x9.png"), [1, 2]),
    ],
)
def test_names_of_the_videos_own_pictures_go_first(
    own: tuple[str, ...], names: tuple[str, ...], frames: list[int]
) -> None:
    builder = builder_of(*own)

    assert frames_of(builder, *names) == frames
    assert [note.outcome for note in builder.notes.all()] == [Outcome.NOTE]


def test_a_name_that_the_video_has_not_is_left_out_and_said() -> None:
    builder = builder_of("a.jpg", "b.jpg")

    assert frames_of(builder, "b.jpg", "c.jpg") == [1, None]
    assert builder.notes.all()[-1].examples == ["c.jpg"]


def test_folders_may_number_the_same_frames() -> None:
    names = ("tool1/x1_03.png", "tool1/x1_04.png", "tool2/x2_03.png", "tool2/x2_04.png")

    assert frames_of(builder_of(), *names, by_folder=True) == [3, 4, 3, 4]


def test_brush_files_of_label_studio_ask_for_the_offset() -> None:
    builder = builder_of()
    names = [f"task-{at}-annotation-{at + 19}-by-1-tag-tool-0.png" for at in (12, 13)]

    match_names(names, builder)
    plan = builder.build("x")

    assert (plan.needs, plan.first_file) == ("frame_offset", names[0])
    assert frames_of(builder_of(offset=-12), *names) == [0, 1]
