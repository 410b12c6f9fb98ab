"""Readers of well-known programs find our masks in our exports, in an environment of their own."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from sam2_session.core.masks import mask_facts
from tests.formats.drawn_source import PAIRS, DrawnSource, written

ROOT = Path(__file__).resolve().parents[2]
FRAMES = 4
DATUMARO = """
import json, sys
from datumaro.components.dataset import Dataset
from datumaro.components.annotation import AnnotationType

data = Dataset.import_from(sys.argv[1], sys.argv[2])
names = [label.name for label in data.categories()[AnnotationType.label]]
rows = []
for item in data:
    for found in item.annotations:
        row = {"frame": item.id, "label": names[found.label], "kind": found.type.name,
               "box": list(found.get_bbox()), "attributes": found.attributes}
        if found.type is AnnotationType.mask:
            row["area"] = int((found.image > 0).sum())
        rows.append(row)
print(json.dumps({"frames": sorted(item.id for item in data), "rows": rows}))
"""
ULTRALYTICS = """
import json, sys
from pathlib import Path
from ultralytics.data.dataset import YOLODataset
from ultralytics.data.utils import check_det_dataset, polygon2mask

data = check_det_dataset(sys.argv[1], autodownload=False)
found = YOLODataset(img_path=data["train"], data=data, task="segment", augment=False, imgsz=64)
rows = []
for label in found.labels:
    height, width = label["shape"]
    for number, outline in zip(label["cls"].ravel().tolist(), label["segments"]):
        mask = polygon2mask((height, width), [(outline * (width, height)).ravel()])
        rows.append({"frame": Path(label["im_file"]).stem, "label": data["names"][int(number)],
                     "area": int(mask.sum())})
print("ROWS" + json.dumps(rows))
"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of a new environment with their readers; numpy, OpenCV and torch are lent."""
    folder = tmp_path_factory.mktemp("readers")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    lent = folder / "lib" / version / "site-packages" / "lent.pth"
    lent.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "-q"]
    done = subprocess.run(
        [*install, "-r", str(ROOT / "requirements-readers.txt")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"their readers cannot be installed here: {done.stderr[-300:]}")
    return python


def run(python: Path, script: str, *args: object) -> Any:
    """Run a script there; return the JSON of its last line."""
    settings = {"YOLO_CONFIG_DIR": str(python.parent), "YOLO_OFFLINE": "1"}
    command = [str(python), "-c", script, *map(str, args)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=settings, cwd=python.parent
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1].removeprefix("ROWS"))


def unpacked(folder: Path, name: str, **options: Any) -> Path:
    path = written(folder, name, **options)
    if path.suffix == ".zip":
        with ZipFile(path) as archive:
            archive.extractall(folder / "unpacked")
    else:
        (folder / "unpacked").mkdir()
        path.rename(folder / "unpacked" / path.name)
    return folder / "unpacked"


def drawn_masks() -> dict[tuple[str, str, int], Any]:
    """Every mask of the source, by the stem of its frame, its region and its instance."""
    source = DrawnSource(FRAMES)
    return {
        (f"{frame_idx + 1:05d}", pair.region, pair.instance.instance_id): mask
        for pair in PAIRS
        for frame_idx in source.masked_frames(pair)
        if (mask := source.mask(pair, frame_idx)).any()
    }


@pytest.mark.parametrize("images", [True, False])
def test_datumaro_finds_every_mask_of_a_coco_export(
    python: Path, tmp_path: Path, images: bool
) -> None:
    found = run(python, DATUMARO, unpacked(tmp_path, "coco", images=images), "coco_instances")
    masks = [row for row in found["rows"] if row["kind"] == "mask"]

    assert found["frames"] == [f"{at:05d}" for at in range(1, FRAMES + 1)]
    assert {
        (row["frame"], row["label"], row["attributes"]["instance_id"]): row["area"] for row in masks
    } == {key: int(mask.sum()) for key, mask in drawn_masks().items()}


def test_datumaro_finds_every_box_of_a_cvat_export(python: Path, tmp_path: Path) -> None:
    found = run(python, DATUMARO, unpacked(tmp_path, "cvat_video", shapes="boxes"), "cvat")
    shown = [row for row in found["rows"] if not row["attributes"].get("outside")]
    boxes = sorted((row["label"], *row["box"]) for row in shown)
    expected = []
    for (_, region, _), mask in drawn_masks().items():
        box = mask_facts(mask).box
        assert box is not None
        x0, y0, x1, y1 = box
        expected.append((region, x0, y0, x1 - x0, y1 - y0))

    assert np.allclose([box[1:] for box in boxes], [box[1:] for box in sorted(expected)])
    assert [box[0] for box in boxes] == [box[0] for box in sorted(expected)]


def test_the_dataset_class_of_ultralytics_draws_every_mask_of_a_yolo_export(
    python: Path, tmp_path: Path
) -> None:
    folder = unpacked(tmp_path, "yolo_seg", images=True)
    found = run(python, ULTRALYTICS, folder / "data.yaml")
    expected = sorted(
        (frame, region, int(mask.sum())) for (frame, region, _), mask in drawn_masks().items()
    )
    rows = sorted((row["frame"], row["label"], row["area"]) for row in found)

    assert [row[:2] for row in rows] == [row[:2] for row in expected]
    assert [row[2] for row in rows] == pytest.approx([row[2] for row in expected], rel=0.12)
