"""The class of an instance goes along with an import, and leaves with its undo."""

from __future__ import annotations

import json
from typing import Any

from tests.annotating import Annotator
from tests.services.imports.conftest import Importer
from tests.services.imports.steps import masks_of


def archive(importer: Importer, class_name: str, instance_id: int = 1) -> bytes:
    """A ZIP of masks as this program writes it, with the class in its manifest."""
    pair = {"instance_id": instance_id, "region": "overall", "class_name": class_name}
    manifest = {"schema_version": 1, "format": "masks_zip", "pairs": [pair]}
    masks = masks_of(2, 3, folder=f"instance{instance_id}/masks_overall")
    return importer.zip({"manifest.json": json.dumps(manifest).encode(), **masks})


def classes(ada: Annotator) -> dict[int, Any]:
    rows = ada.call("list_instances", video_id="clip")["instances"]
    return {row["instance_id"]: row["class_name"] for row in rows}


def listed(ada: Annotator) -> list[str]:
    return [row["name"] for row in ada.call("list_classes")["classes"]]


def test_an_instance_without_a_class_gets_that_of_the_file(
    ada: Annotator, importer: Importer
) -> None:
    report = importer.look(archive(importer, "robot hook"))
    assert report["subjects"][0]["target"]["class_name"] == "robot hook"
    assert classes(ada) == {1: None}

    importer.take(archive(importer, "robot hook"))

    assert classes(ada) == {1: "robot hook"}
    assert listed(ada)[-1] == "robot hook"
    assert ada.of("classes_changed")[-1] == ada.call("list_classes")


def test_a_new_instance_comes_with_its_class(ada: Annotator, importer: Importer) -> None:
    before = listed(ada)
    importer.take(archive(importer, "forceps", instance_id=3))

    assert classes(ada) == {1: None, 3: "forceps"}
    assert listed(ada) == before


def test_a_class_that_a_person_chose_stays(ada: Annotator, importer: Importer) -> None:
    ada.call("update_instance", video_id="clip", instance_id=1, class_name="needle")
    job = importer.take(archive(importer, "forceps"))
    importer.undo(job)

    assert classes(ada) == {1: "needle"}


def test_undo_takes_the_class_away_unless_it_was_changed_since(
    ada: Annotator, importer: Importer
) -> None:
    job = importer.take(archive(importer, "forceps"))
    importer.undo(job)
    assert classes(ada) == {1: None}

    again = importer.take(archive(importer, "forceps"))
    ada.call("update_instance", video_id="clip", instance_id=1, class_name="needle")
    importer.undo(again)
    assert classes(ada) == {1: "needle"}


def test_a_class_that_is_no_text_is_left_out(ada: Annotator, importer: Importer) -> None:
    for odd in (7, None, ["x"], "", "   "):
        importer.take(archive(importer, odd))  # type: ignore[arg-type]

    assert classes(ada) == {1: None}
