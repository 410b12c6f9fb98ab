from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.types import Instance
from sam2_session.formats.exporting.source import Pair
from tests.formats.drawn_source import PAIRS, DrawnSource, written
from training.sources import davis_clips

FIRST = "Annotations/480p/clip/00000.png"


def test_pixels_are_instance_ids_with_the_colours_of_the_page(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, "davis")) as file:
        image = Image.open(io.BytesIO(file.read(FIRST)))

    assert image.mode == "P"
    assert sorted(np.unique(np.asarray(image))) == [0, 1, 2]
    palette = image.getpalette() or []
    assert palette[3:9] == [0xF2, 0xA3, 0x3A, 0x58, 0xB7, 0xF0]


def test_each_region_can_have_a_number_of_its_own(tmp_path: Path) -> None:
    source = DrawnSource()
    with zipfile.ZipFile(written(tmp_path, "davis", ids="pair")) as file:
        ids = np.asarray(Image.open(io.BytesIO(file.read(FIRST))))
        manifest = json.loads(file.read("manifest.json"))

    assert np.array_equal(ids == 2, source.mask(PAIRS[1], 0))
    assert [(row["number"], row["region"]) for row in manifest["numbers"]] == [
        (1, "overall"), (2, "shaft"), (3, "overall"),
    ]  # fmt: skip
    assert "parts lie above whole instances" in manifest["overlap"]


def test_the_evaluation_reads_it(tmp_path: Path) -> None:
    source = DrawnSource(3, PAIRS[1:])
    with zipfile.ZipFile(written(tmp_path, "davis", source, images=True)) as file:
        file.extractall(tmp_path / "set")

    (clip,) = davis_clips(tmp_path / "set")

    assert len(clip.truths) == 2
    assert np.array_equal(clip.truths[0].masks_thw[1], source.mask(PAIRS[1], 1))


def test_more_instances_than_a_byte_tells_apart_are_refused(tmp_path: Path) -> None:
    far = Pair(Instance(256, "late", "#ffffff"), "overall", 0, "#ffffff")

    with pytest.raises(InvalidRequest, match="at most 255"):
        written(tmp_path, "davis", DrawnSource(1, [far]))
