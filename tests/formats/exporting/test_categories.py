"""Categories: the region, the class of the instance, or both, the same in every format."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from sam2_session.core.types import Instance
from sam2_session.formats.exporting.categories import Categories
from sam2_session.formats.exporting.source import Pair
from sam2_session.formats.registry import EXPORTERS
from tests.formats.drawn_source import PAIRS, DrawnSource, written

DRIVER, BARE = Instance(1, "tool 1", "#f2a33a", class_name="needle driver"), PAIRS[2].instance
CLASSED = tuple(replace(pair, instance=DRIVER) for pair in PAIRS[:2]) + PAIRS[2:]
BEARING = [name for name, row in EXPORTERS.items() if "category" in {o.name for o in row.options}]
BY_CLASS = {
    "class": ["needle driver", "unclassified"],
    "both": ["needle driver/overall", "needle driver/shaft", "overall"],
}


def export(folder: Path, name: str, category: str, pairs: Any = CLASSED) -> Path:
    layout = {"layout": "per_label"} if name == "masks_zip" else {}
    return written(folder, name, DrawnSource(pairs=pairs), category=category, **layout)


def remarks(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_bytes())["remarks"]


def entry(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as file:
        return file.read(name)


def test_used_regions_are_numbered_from_1() -> None:
    assert Categories(reversed(PAIRS)).numbers == {"overall": 1, "shaft": 2}


def test_classes_are_in_order_of_their_names_and_the_unclassified_come_last() -> None:
    kinds = ["scissors", None, "Forceps", "scissors"]
    pairs = [
        Pair(Instance(at, f"tool {at}", "#000000", class_name=kind), "shaft", 1, "#000000")
        for at, kind in enumerate(kinds, start=1)
    ]

    assert Categories(pairs, "class").names == ("Forceps", "scissors", "unclassified")
    assert Categories(pairs, "both").names == ("Forceps/shaft", "scissors/shaft", "shaft")


def test_every_format_that_holds_categories_has_the_option() -> None:
    bearing = {"coco", "youtube_vis", "yolo_seg", "cvat_video", "label_studio", "labelme"}

    assert set(BEARING) == {*bearing, "label_studio_boxes", "masks_zip"}


@pytest.mark.parametrize("category", ["class", "both"])
@pytest.mark.parametrize("name", BEARING)
def test_instances_without_a_class_are_told_of(tmp_path: Path, name: str, category: str) -> None:
    export(tmp_path, name, category)

    told = {"class": "unclassified", "both": "named by their region alone"}[category]
    assert remarks(tmp_path)[f"instances without a class, which are {told}"] == 1


def test_the_region_needs_no_class(tmp_path: Path) -> None:
    export(tmp_path, "coco", "region")

    assert not any("class" in text for text in remarks(tmp_path))


@pytest.mark.parametrize("category", ["class", "both"])
def test_coco_takes_them_as_categories(tmp_path: Path, category: str) -> None:
    path = export(tmp_path, "coco", category)
    document = json.loads(entry(path, "annotations/instances_default.json"))

    names = {row["id"]: row["name"] for row in document["categories"]}
    assert list(names.values()) == BY_CLASS[category]
    of_pair = {
        (row["attributes"]["instance_id"], row["attributes"]["region"]): names[row["category_id"]]
        for row in document["annotations"]
    }
    made = Categories(CLASSED, category)
    assert of_pair == {(pair.instance_id, pair.region): made.of(pair) for pair in CLASSED}
    assert document["annotations"][0]["attributes"]["class_name"] == "needle driver"


def test_coco_keypoints_belong_to_the_class_of_their_instance(tmp_path: Path) -> None:
    document = json.loads(entry(export(tmp_path, "coco", "class"), "annotations/keypoints.json"))

    names = {row["id"]: row["name"] for row in document["categories"]}
    assert names == {1: "instance", 2: "needle driver"}
    assert {names[row["category_id"]] for row in document["annotations"]} == {"needle driver"}
    assert all(row["keypoints"] == ["tip", "hinge"] for row in document["categories"])


@pytest.mark.parametrize("category", ["class", "both"])
def test_youtube_vis_takes_them_as_categories(tmp_path: Path, category: str) -> None:
    document = json.loads(entry(export(tmp_path, "youtube_vis", category), "instances.json"))

    names = {row["id"]: row["name"] for row in document["categories"]}
    made = Categories(CLASSED, category)
    assert list(names.values()) == BY_CLASS[category]
    assert [names[row["category_id"]] for row in document["annotations"]] == [
        made.of(pair) for pair in CLASSED
    ]


@pytest.mark.parametrize("category", ["class", "both"])
def test_yolo_takes_them_as_classes(tmp_path: Path, category: str) -> None:
    path = export(tmp_path, "yolo_seg", category)
    names = yaml.safe_load(entry(path, "data.yaml"))["names"]

    assert list(names.values()) == BY_CLASS[category]
    lines = entry(path, "labels/00001.txt").decode().splitlines()
    numbers = [int(line.split()[0]) for line in lines]
    assert sorted(numbers) == {"class": [0, 0, 1], "both": [0, 1, 2]}[category]


def test_a_class_of_any_signs_survives_yaml(tmp_path: Path) -> None:
    odd = replace(DRIVER, class_name='a: "b" #c\\ ü, [x]')
    pairs = (replace(PAIRS[0], instance=odd),)
    names = yaml.safe_load(entry(export(tmp_path, "yolo_seg", "class", pairs), "data.yaml"))

    assert names["names"] == {0: odd.class_name}


@pytest.mark.parametrize("category", ["class", "both"])
def test_cvat_takes_them_as_labels(tmp_path: Path, category: str) -> None:
    text = export(tmp_path, "cvat_video", category).read_text()

    assert all(f"<name>{name}</name>" in text for name in BY_CLASS[category])
    assert all(f'label="{name}"' in text for name in BY_CLASS[category])


@pytest.mark.parametrize("name", ["label_studio", "label_studio_boxes"])
def test_label_studio_takes_them_as_labels(tmp_path: Path, name: str) -> None:
    (first, *_) = json.loads(export(tmp_path, name, "class").read_bytes())
    config = json.loads((tmp_path / "manifest.json").read_bytes())["label_config"]
    results = [row for row in first["annotations"][0]["result"] if row["type"] != "keypointlabels"]

    labels = [row["value"].get("brushlabels") or row["value"]["labels"] for row in results]
    assert sorted(labels) == [["needle driver"], ["needle driver"], ["unclassified"]]
    assert '<Label value="needle driver"/><Label value="unclassified"/>' in config
    assert "class_name" in results[0]["meta"]


@pytest.mark.parametrize("category", ["region", "class", "both"])
def test_masks_per_label_are_one_composite_in_a_folder_each(tmp_path: Path, category: str) -> None:
    source = DrawnSource(pairs=CLASSED)
    path = export(tmp_path, "masks_zip", category)

    made = Categories(CLASSED, category)
    for name in made.names:
        image = cv2.imdecode(np.frombuffer(entry(path, f"{name}/00001.png"), np.uint8), 0)
        of_it = [source.mask(pair, 0) for pair in CLASSED if made.of(pair) == name]
        assert np.array_equal(image > 0, np.logical_or.reduce(of_it))


def test_a_class_of_any_signs_names_a_folder_of_its_own(tmp_path: Path) -> None:
    kinds = ["../../etc", "a:b", "a*b"]
    pairs = tuple(
        replace(pair, instance=replace(pair.instance, instance_id=at, class_name=kind))
        for at, (pair, kind) in enumerate(zip(PAIRS, kinds, strict=True), start=1)
    )
    with zipfile.ZipFile(export(tmp_path, "masks_zip", "class", pairs)) as file:
        names = [name for name in file.namelist() if name.endswith("/00001.png")]

    assert sorted(names) == ["_/_/etc/00001.png", "a_b/00001.png", "a_b_2/00001.png"]
