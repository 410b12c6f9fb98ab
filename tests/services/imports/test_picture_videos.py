"""Imports into a video made of pictures find frames by the names of those pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sam2_session.settings import Settings
from tests.annotating import annotating
from tests.formats.archives import make_zip, picture
from tests.services.imports.conftest import Importer

RING = [5, 5, 25, 5, 25, 25, 5, 25]
NAMES = ["00002.jpg", "00004.jpg", "00008.jpg"]


def coco(*names: str, labels: tuple[str, ...] = ("shaft",)) -> dict[str, Any]:
    return {
        "images": [{"id": at, "file_name": name} for at, name in enumerate(names)],
        "categories": [{"id": label, "name": label} for label in labels],
        "annotations": [
            {"id": f"{at}{label}", "image_id": at, "category_id": label, "segmentation": [RING]}
            for at in range(len(names))
            for label in labels
        ],
    }


@pytest.mark.parametrize("as_folder", [True, False])
def test_gaps_in_the_names_of_pictures_are_no_frames(
    settings: Settings, tmp_path: Path, as_folder: bool
) -> None:
    files = {name: picture(".jpg", at) for at, name in enumerate(NAMES)}
    source = settings.videos_dir / ("clip" if as_folder else "clip.ZIP")
    settings.videos_dir.mkdir(parents=True)
    if as_folder:
        source.mkdir()
        for name, data in files.items():
            (source / name).write_bytes(data)
    else:
        make_zip(source, files)

    with annotating(settings) as ada:
        ada.open("clip")
        report = Importer(ada, tmp_path).look(coco("00004.jpg", "00008.jpg"))

    assert [item["frame_idx"] for item in report["items"]] == [1, 2]


def test_two_labels_without_a_region_never_share_a_pair(importer: Importer) -> None:
    report = importer.look(coco("00003.jpg", labels=("cat", "dog")))
    targets = [subject["target"] for subject in report["subjects"]]

    assert targets[0] == {
        "instance_id": 1,
        "new_instance": None,
        "region": "overall",
        "class_name": None,
    }
    assert targets[1] == {
        "instance_id": None,
        "new_instance": "dog",
        "region": "overall",
        "class_name": None,
    }
