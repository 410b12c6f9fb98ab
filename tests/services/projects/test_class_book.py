"""Classes of instances: listed, added, taken off the list, and kept by their instances."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.errors import ClassNotFound, Conflict, InvalidRequest
from sam2_session.services.projects.regions import load_classes
from sam2_session.settings import Settings
from tests.annotating import BODY, Annotator, annotating

PLACE = {"video_id": "clip", "instance_id": 1}


def names(ada: Annotator) -> list[str]:
    return [row["name"] for row in ada.call("list_classes")["classes"]]


def class_of(ada: Annotator) -> str | None:
    (instance,) = ada.call("list_instances", video_id="clip")["instances"]
    name: str | None = instance["class_name"]
    return name


def test_an_instance_gets_a_class_of_the_list_and_loses_it_again(ada: Annotator) -> None:
    assert class_of(ada) is None

    changed = ada.call("update_instance", **PLACE, class_name="needle driver")
    assert changed["class_name"] == class_of(ada) == "needle driver"
    assert ada.of("instances_changed")[-1]["instances"] == [changed]

    ada.call("update_instance", **PLACE, class_name=None)
    assert class_of(ada) is None


def test_a_new_instance_can_have_a_class_at_once(ada: Annotator) -> None:
    made = ada.call("create_instance", video_id="clip", class_name="forceps")

    assert made["class_name"] == "forceps"


def test_a_class_that_is_not_in_the_list_is_refused_and_changes_nothing(ada: Annotator) -> None:
    for operation, fields in (
        ("update_instance", PLACE),
        ("create_instance", {"video_id": "clip"}),
    ):
        with pytest.raises(ClassNotFound, match="No class 'spoon'"):
            ada.call(operation, **fields, name="x", class_name="spoon")

    (instance,) = ada.call("list_instances", video_id="clip")["instances"]
    assert (instance["name"], instance["class_name"]) == ("tool 1", None)


def test_an_added_class_can_be_used_and_survives_a_restart(
    ada: Annotator, settings: Settings
) -> None:
    before = names(ada)
    assert ada.call("add_class", name=" ultrasound probe ") == {"name": "ultrasound probe"}
    ada.call("update_instance", **PLACE, class_name="ultrasound probe")
    assert ada.of("classes_changed")[-1] == ada.call("list_classes")
    ada.services.close()

    with annotating(settings, first_seq=50) as again:
        assert names(again) == [*before, "ultrasound probe"]
        assert class_of(again) == "ultrasound probe"


def test_a_removed_class_stays_with_its_instance_and_can_come_back(ada: Annotator) -> None:
    before = names(ada)
    ada.call("update_instance", **PLACE, class_name="scissors")
    assert ada.call("delete_class", name="scissors") == {"deleted": True, "name": "scissors"}

    assert class_of(ada) == "scissors"
    assert "scissors" not in names(ada)
    with pytest.raises(ClassNotFound):
        ada.call("delete_class", name="scissors")

    ada.call("add_class", name="scissors")
    assert names(ada) == before


@pytest.mark.parametrize("name", ["needle driver", "Needle Driver ", "NEEDLE DRIVER"])
def test_a_class_that_is_there_is_not_added_again(ada: Annotator, name: str) -> None:
    with pytest.raises(Conflict):
        ada.call("add_class", name=name)


@pytest.mark.parametrize("name", ["", "   ", None, 3, "x" * 300, "a\nb"])
def test_what_is_no_name_is_refused(ada: Annotator, name: Any) -> None:
    with pytest.raises(InvalidRequest):
        ada.call("add_class", name=name)


def test_a_page_that_opens_the_video_sees_the_classes(ada: Annotator) -> None:
    ada.call("update_instance", **PLACE, class_name="needle")
    opened = ada.send("open_video", video_id="clip")

    assert opened["classes"] == ada.call("list_classes")["classes"]
    assert opened["instances"][0]["class_name"] == "needle"


def test_other_programs_find_the_class_in_the_points_file(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    path = settings.outputs_dir / "clip" / "instance1" / "points_overall.json"
    assert "class_name" not in json.loads(path.read_bytes())

    ada.call("update_instance", **PLACE, class_name="forceps")
    assert json.loads(path.read_bytes())["class_name"] == "forceps"


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("regions: [{name: a}]", ()),
        ("classes:", ()),
        ("classes: [needle, ' needle ', forceps]", ("needle", "forceps")),
    ],
)
def test_the_configured_classes_are_read(
    tmp_path: Path, text: str, classes: tuple[str, ...]
) -> None:
    path = tmp_path / "regions.yaml"
    path.write_text(text)

    assert load_classes(path) == classes


@pytest.mark.parametrize("text", ["classes: needle", "classes: [3]", "classes: ['']", "[]", "{"])
def test_classes_that_cannot_be_read_are_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "regions.yaml"
    path.write_text(text)

    with pytest.raises(InvalidRequest, match=r"The classes of regions.yaml cannot be read"):
        load_classes(path)


def test_a_broken_file_of_added_classes_is_left_alone(ada: Annotator, settings: Settings) -> None:
    before = names(ada)
    ada.services.close()
    (settings.outputs_dir / "classes.json").write_text('{"classes": 7}')

    with annotating(settings, first_seq=50) as again:
        assert names(again) == before
