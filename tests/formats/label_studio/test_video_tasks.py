"""Label Studio's video tasks: keyframes become boxes on exactly the right frames."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from sam2_session.core.errors import InvalidRequest, UnsupportedImport
from sam2_session.core.types import Box
from sam2_session.formats.importing.plan import ImportPlan
from sam2_session.formats.label_studio.frame_times import frame_of_keyframe
from sam2_session.formats.label_studio.reader import read_label_studio
from sam2_session.formats.label_studio.video_tasks import visible_stretches
from tests.formats.label_studio.documents import (
    CHOICES,
    annotated,
    facts,
    found,
    keyframe,
    plan_of,
    remarks,
    task,
    tracked,
)


def boxes(plan: ImportPlan) -> list[Any]:
    return [item.content for item in plan.items]


def test_frame_1_is_frame_idx_0_and_percent_are_pixels() -> None:
    plan = plan_of(task(tracked(keyframe(1))))

    assert found(plan) == [("shaft", 0, "box")]
    assert boxes(plan) == [Box(16, 18, 64, 54)]


@pytest.mark.parametrize(("frame", "frame_idx"), [(1, 0), (2, 1), (5, 4), (25, 29), (41, 49)])
def test_at_another_rate_the_time_decides_and_is_never_rounded(frame: int, frame_idx: int) -> None:
    rate = 30000 / 1001
    ntsc = facts(60, rate)

    assert frame_of_keyframe(frame, 24.0, 48, ntsc) == frame_idx
    assert frame_of_keyframe(frame, 24.0, 48, ntsc) == math.floor((frame - 1) / 24 * rate + 1e-6)


def test_the_rate_of_the_annotation_is_found_in_its_keyframes() -> None:
    sequence = [keyframe(frame, fps=24.0) for frame in (1, 25)]
    plan = plan_of(task(tracked(*sequence, frames=48)), video=facts(60, 30000 / 1001))

    assert [item.frame_idx for item in plan.items] == [0, 29]


def test_on_uneven_times_the_last_frame_shown_by_then_is_meant() -> None:
    uneven = facts(4, 25.0, times_s=(0.0, 0.5, 0.6, 2.0))

    at = [frame_of_keyframe(frame, 10.0, 21, uneven) for frame in (1, 5, 6, 7, 20, 21)]
    assert at == [0, 0, 1, 2, 2, 3]


def test_exact_times_do_not_slip_to_the_frame_before() -> None:
    rate = Fraction(30000, 1001)
    ntsc = facts(600, float(rate), times_s=tuple(float(idx / rate) for idx in range(600)))

    at = [frame_of_keyframe(frame, float(rate / 2), 300, ntsc) for frame in range(1, 301)]
    assert at == [2 * idx for idx in range(300)]


def test_another_count_of_frames_is_read_by_time() -> None:
    plan = plan_of(task(tracked(keyframe(11), keyframe(21), frames=40)))

    assert [item.frame_idx for item in plan.items] == [10, 20]


def test_keyframes_beyond_the_end_are_clamped_and_reported() -> None:
    plan = plan_of(task(tracked(keyframe(49), keyframe(70), frames=50)))

    assert [item.frame_idx for item in plan.items] == [48, 49]
    assert remarks(plan, "clamped") == ["The frame lies outside the video."]


def test_a_rectangle_turned_by_30_degrees_is_turned_in_pixels() -> None:
    turned = keyframe(1, x=50.0, y=50.0, width=25.0, height=20.0, rotation=30)
    plan = plan_of(task(tracked(turned)), video=facts(size_hw=(1080, 1920)))

    (box,) = boxes(plan)
    cos, sin = math.cos(math.pi / 6), math.sin(math.pi / 6)
    expected = (960 - 216 * sin, 540, 960 + 480 * cos, 540 + 480 * sin + 216 * cos)
    assert box.to_wire() == pytest.approx(expected)
    assert remarks(plan, "warning") == ["A turned rectangle became the upright box around it."]


def test_a_gap_is_a_note_and_its_keyframes_stay() -> None:
    sequence = [keyframe(1), keyframe(11, enabled=False), keyframe(31)]
    plan = plan_of(task(tracked(*sequence)))

    assert [item.frame_idx for item in plan.items] == [0, 10, 30]
    gap = next(note for note in plan.notes if "absent" in note.why)
    assert gap.examples == ["task 1, r1, frames 12 to 30"]


def test_the_last_keyframe_holds_to_the_end_unless_it_ends_it() -> None:
    sequence = [keyframe(5), keyframe(9, enabled=False), keyframe(20)]

    assert visible_stretches(sequence, 50) == [(5, 9), (20, 50)]
    assert visible_stretches(sequence[:2], 50) == [(5, 9)]


def test_frames_that_an_export_filled_in_are_left_out() -> None:
    filled = [keyframe(frame, auto=True) for frame in range(2, 11)]
    plan = plan_of(task(tracked(keyframe(1), *filled, keyframe(11))))

    assert [item.frame_idx for item in plan.items] == [0, 10]
    assert "Frames between keyframes are left to propagation." in remarks(plan, "note")


def test_two_results_of_one_id_are_one_region_with_its_label() -> None:
    shape = tracked(keyframe(1))
    del shape["value"]["labels"]
    label = {"id": "r1", "type": "labels", "value": {"labels": ["gripper"]}}
    plan = plan_of(task(label, shape))

    assert [(subject.label, subject.region) for subject in plan.subjects] == [
        ("gripper", "gripper")
    ]


def test_each_region_is_an_instance_unless_labels_name_one() -> None:
    labels = (["shaft"], ["shaft"], ["tool1_shaft"], ["tool1_gripper"])
    results = [tracked(keyframe(1), id=f"r{at}") for at in range(4)]
    for result, names in zip(results, labels, strict=True):
        result["value"]["labels"] = names
    plan = plan_of(task(*results))

    groups = [(subject.name, subject.group, subject.region) for subject in plan.subjects]
    assert groups == [
        ("shaft", "parts 1", "shaft"),
        ("shaft#2", "parts 2", "shaft"),
        ("tool1_shaft", "tool1", "shaft"),
        ("tool1_gripper", "tool1", "gripper"),
    ]


def test_a_shaft_and_a_gripper_are_of_one_instance() -> None:
    results = [tracked(keyframe(1), id=f"r{at}") for at in range(3)]
    for result, label in zip(results, ("shaft", "gripper", "camera"), strict=True):
        result["value"]["labels"] = [label]
    plan = plan_of(task(*results))

    groups = {subject.label: subject.group for subject in plan.subjects}
    assert groups["shaft"] == groups["gripper"] != groups["camera"]
    assert any("are of one" in note for note in remarks(plan, "note"))


def test_predictions_come_in_only_if_asked_for() -> None:
    predicted = {"id": 3, "model_version": "v2", "result": [tracked(keyframe(1))]}
    document = {
        "id": 1,
        "data": {"video": "clip.mp4"},
        "annotations": [],
        "predictions": [predicted],
    }

    left_out = plan_of(document)
    assert (left_out.items, len(remarks(left_out, "skipped"))) == ((), 2)
    taken = read_label_studio([document], facts(), replace(CHOICES, take_predictions=True))
    assert [item.frame_idx for item in taken.items] == [0]
    assert any("nobody has confirmed" in note for note in remarks(taken, "warning"))


def test_a_box_is_cut_to_the_frame_and_one_of_nothing_is_left_out() -> None:
    over = keyframe(1, x=90.0, y=90.0, width=30.0, height=30.0)
    flat = keyframe(9, width=0.0)
    plan = plan_of(task(tracked(over, flat)))

    assert boxes(plan) == [Box(144, 81, 160, 90)]
    assert remarks(plan, "clamped") == ["The box reached beyond the frame."]
    assert remarks(plan, "skipped") == ["The box has no area inside the frame."]


def test_a_closed_path_becomes_a_mask_and_an_open_one_is_named() -> None:
    corners = [(10, 10), (60, 10), (60, 60), (10, 60)]
    vertices = [
        {"id": str(at), "x": x, "y": y, **({"prevPointId": str(at - 1)} if at else {})}
        for at, (x, y) in enumerate(corners)
    ]
    path = {"frame": 1, "time": 0.04, "enabled": True, "vertices": vertices[::-1]}
    sequence = [{**path, "closed": True}, {**path, "frame": 2, "time": 0.08, "closed": False}]
    plan = plan_of(task(tracked(*sequence, type="videovector")))

    (item,) = plan.items
    assert int(item.content.read().sum()) == 80 * 45  # type: ignore[union-attr]
    assert remarks(plan, "skipped") == ["Only closed paths become masks."]


def test_a_curve_bulges_beyond_its_corners() -> None:
    points = [(20, 20), (60, 20), (60, 60), (20, 60)]
    vertices = [{"id": str(at), "x": x, "y": y} for at, (x, y) in enumerate(points)]
    for at in range(1, 4):
        vertices[at]["prevPointId"] = str(at - 1)
    vertices[1] |= {"isBezier": True, "controlPoint2": {"x": 80, "y": 30}}
    path = {"frame": 1, "time": 0.04, "closed": True, "vertices": vertices}
    plan = plan_of(task(tracked(path, type="videovector")))

    mask = plan.items[0].content.read()  # type: ignore[union-attr]
    assert (mask[30, 100], mask[30, 120]) == (True, False)
    assert mask.sum() > 64 * 36


def test_the_task_is_found_by_the_name_of_its_video() -> None:
    other = task(tracked(keyframe(9)), task_id=1, video="/data/upload/2/other.mp4")
    ours = task(tracked(keyframe(3)), task_id=2, video="/data/upload/2/1a2b3c4d-Clip.mp4?x=1")

    assert [item.frame_idx for item in plan_of(other, ours).items] == [2]


def test_the_only_task_is_taken_whatever_its_video_and_that_is_told() -> None:
    plan = plan_of(task(tracked(keyframe(1)), video="/data/upload/2/other.mp4"))

    assert [item.frame_idx for item in plan.items] == [0]
    assert remarks(plan, "warning") == ["The file says that it is of another video: other.mp4."]


def test_of_several_tasks_of_other_videos_none_is_taken_by_itself() -> None:
    tasks = [task(tracked(keyframe(1)), task_id=at, video=f"{at}.mp4") for at in (1, 2)]
    plan = plan_of(*tasks)

    assert (plan.needs, plan.items) == ("task", ())
    assert [candidate.to_wire() for candidate in plan.tasks] == [
        {"value": "1", "label": "1: 1.mp4"},
        {"value": "2", "label": "2: 2.mp4"},
    ]


def test_the_user_chooses_the_task() -> None:
    tasks = [task(tracked(keyframe(at)), task_id=at, video="clip.mp4") for at in (1, 2)]

    assert plan_of(*tasks).needs == "task"
    assert [item.frame_idx for item in plan_of(*tasks, task="2").items] == [1]
    with pytest.raises(InvalidRequest, match="no task '9'"):
        plan_of(*tasks, task="9")


def test_a_cancelled_annotation_is_left_out() -> None:
    cancelled = task(tracked(keyframe(1)))
    cancelled["annotations"][0]["was_cancelled"] = True

    plan = plan_of(cancelled)
    assert plan.items == ()
    assert remarks(plan, "skipped") == [
        "The annotation was cancelled by its annotator.",
        "Nobody has annotated the task.",
    ]


def of_two(first: dict[str, object], second: dict[str, object]) -> dict[str, object]:
    return {"id": 1, "data": {"video": "clip.mp4"}, "annotations": [first, second]}


def test_of_two_annotators_the_latest_is_taken_and_that_is_said() -> None:
    plan = plan_of(
        of_two(
            annotated(7, "2026-01-02T00:00:00Z", tracked(keyframe(2))),
            annotated(8, "2026-01-01T00:00:00Z", tracked(keyframe(1))),
        )
    )

    assert [item.frame_idx for item in plan.items] == [1]
    assert remarks(plan, "warning") == ["Of several annotations the latest was taken."]
    assert [candidate.value for candidate in plan.annotators] == ["7", "8"]


def test_the_latest_is_the_one_that_was_changed_last_not_the_one_begun_last() -> None:
    old = annotated(7, "2026-01-09", tracked(keyframe(2)), created_at="2026-01-01")
    new = annotated(8, "2026-01-05", tracked(keyframe(5)), created_at="2026-01-04")

    assert [item.frame_idx for item in plan_of(of_two(old, new)).items] == [1]


def test_one_that_was_never_changed_is_as_new_as_it_was_begun() -> None:
    begun = annotated(7, "", tracked(keyframe(2)), created_at="2026-01-09")

    plan = plan_of(of_two(begun, annotated(8, "2026-01-05", tracked(keyframe(5)))))
    assert [item.frame_idx for item in plan.items] == [1]


def test_of_the_annotators_own_the_last_changed_is_taken() -> None:
    own = [annotated(7, day, tracked(keyframe(at)), created_at=f"2026-02-0{at}")
           for at, day in ((2, "2026-03-09"), (5, "2026-03-01"))]  # fmt: skip

    plan = plan_of(of_two(*own), annotator="7")
    assert [item.frame_idx for item in plan.items] == [1]


def test_ground_truth_goes_before_the_latest() -> None:
    truth = annotated(8, "2025", tracked(keyframe(5)), ground_truth=True)

    plan = plan_of(of_two(annotated(7, "2026", tracked(keyframe(2))), truth))
    assert [item.frame_idx for item in plan.items] == [4]


def test_two_annotators_of_one_moment_are_the_users_choice() -> None:
    both = of_two(
        annotated(7, "2026", tracked(keyframe(2))), annotated(8, "2026", tracked(keyframe(5)))
    )

    assert plan_of(both).needs == "annotator"
    assert [item.frame_idx for item in plan_of(both, annotator="8").items] == [4]


def test_unknown_kinds_are_listed_and_crash_nothing() -> None:
    odd = [{"id": "c", "type": "choices", "value": {"choices": ["good"]}},
           {"id": "t", "type": "timelinelabels", "value": {"ranges": [{"start": 1, "end": 3}]}},
           {"type": "relation", "from_id": "a", "to_id": "b"}, {"type": 7}, {}]  # fmt: skip
    plan = plan_of(task(tracked(keyframe(1)), *odd))

    assert len(plan.items) == 1
    skipped = ["choices is not read.", "timeline is not read.", "relation is not read."]
    assert remarks(plan, "skipped")[:3] == skipped


def test_labels_of_any_script_stay_as_they_are() -> None:
    named = tracked(keyframe(1))
    named["value"]["labels"] = ["鉗子 1_shaft"]

    (subject,) = plan_of(task(named)).subjects
    assert (subject.label, subject.group, subject.region) == ("鉗子 1_shaft", "鉗子_1", "shaft")


def test_the_flat_form_is_read() -> None:
    track = tracked(keyframe(3))["value"]
    flat = {"id": 1, "video": "/data/clip.mp4", "box": [track], "annotator": 1, "lead_time": 2.5}
    plan = read_label_studio([flat], facts(), CHOICES)

    assert found(plan) == [("shaft", 2, "box")]
    assert "JSON_MIN" in remarks(plan, "warning")[0]


def test_a_flat_form_of_unknown_shapes_is_refused_with_the_way_out() -> None:
    flat = {"id": 1, "video": "clip.mp4", "annotator": 1, "note": [{"sentiment": "good"}]}

    with pytest.raises(UnsupportedImport, match="JSON_MIN"):
        read_label_studio([flat], facts(), CHOICES)


@pytest.mark.parametrize("value", [None, 7, [], {}, {"sequence": 3}, {"sequence": [None, 4]},
    {"sequence": [{"frame": "x"}]}, {"sequence": [{"frame": 1}]}, {"framesCount": -1},
    {"sequence": [{"frame": 1e300, "x": 1, "y": 1, "width": 1, "height": 1}]},
    {"sequence": [{"frame": 2, "time": -1, "x": 1e308, "y": 1, "width": 1e308, "height": 1}]},
])  # fmt: skip
def test_odd_values_are_reported_and_never_raise(value: object) -> None:
    plan = plan_of(task({"id": "r", "type": "videorectangle", "value": value}))

    assert plan.items == ()


@pytest.mark.parametrize("document", [[], {}, [[]], [{"data": 3}], [{"data": {}, "annotations": 4}],
    {"id": 1, "data": {"video": "clip.mp4"}, "annotations": [{"result": "x"}]}])  # fmt: skip
def test_odd_documents_are_reported_and_never_raise(document: object) -> None:
    assert read_label_studio(document, facts(), CHOICES).items == ()
