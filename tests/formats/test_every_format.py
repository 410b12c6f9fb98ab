from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sam2_session.core.errors import Cancelled, InvalidRequest
from sam2_session.formats.exporting.options import read_options
from sam2_session.formats.registry import EXPORTERS, IMPORTERS, exporter
from tests.formats.drawn_source import DrawnSource, steps, written
from tests.formats.goldens import GOLDEN, content_of

FILMS = ["overlay_mp4"]


@pytest.mark.parametrize("name", [name for name in EXPORTERS if name not in FILMS])
def test_a_format_writes_what_it_always_wrote(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name)

    golden = content_of(GOLDEN / f"{name}{EXPORTERS[name].suffix}")

    assert list(content_of(path).values()) == list(golden.values())


def test_a_film_shows_what_it_always_showed(tmp_path: Path) -> None:
    made = content_of(written(tmp_path, "overlay_mp4"))
    golden = content_of(GOLDEN / "overlay_mp4.mp4")

    assert made["times"] == golden["times"]
    assert np.abs(np.subtract(made["frames"], golden["frames"])).mean() < 2


@pytest.mark.parametrize("name", EXPORTERS)
@pytest.mark.parametrize("frames", [1, 3])
def test_there_is_a_step_for_each_frame(tmp_path: Path, name: str, frames: int) -> None:
    passes = 3 if EXPORTERS[name].by_pair else 1

    assert list(steps(tmp_path, name, DrawnSource(frames))) == [*range(frames)] * passes


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_video_without_masks_is_exported(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, DrawnSource(2, pairs=()))

    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert (manifest["masks"], manifest["pairs"]) == ([], [])
    assert content_of(path)


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_format_that_is_stopped_lets_go_of_its_files(tmp_path: Path, name: str) -> None:
    under_way = steps(tmp_path, name)
    next(under_way)
    under_way.close()

    assert not (tmp_path / "manifest.json").exists()
    assert not (tmp_path / ".ledger").exists()


@pytest.mark.parametrize("name", EXPORTERS)
def test_the_manifest_says_how_and_from_what_it_was_made(tmp_path: Path, name: str) -> None:
    written(tmp_path, name)
    manifest = json.loads((tmp_path / "manifest.json").read_text())

    assert manifest["format"] == name
    assert manifest["model"] == {"name": "drawn"}
    assert set(manifest["options"]) == {option.name for option in EXPORTERS[name].options}
    assert [pair["region"] for pair in manifest["pairs"]] == ["overall", "shaft", "overall"]


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequest) as refused:
        exporter("gif")

    assert "masks_zip, davis, coco" in refused.value.hint


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("masks_zip", {"digits": 6}),
        ("masks_zip", {"digits": True}),
        ("masks_zip", {"colour": "#ffffff"}),
        ("masks_zip", ["digits"]),
        ("green_screen", {"background": "green"}),
        ("green_screen", {"first_number": -1}),
        ("overlay_mp4", {"opacity": 1.5}),
        ("overlay_mp4", {"opacity": float("nan")}),
        ("label_studio", {"images_at": "a\nb"}),
        ("label_studio", {"images_at": "x" * 501}),
    ],
)
def test_a_wrong_option_is_refused(name: str, options: object) -> None:
    with pytest.raises(InvalidRequest):
        read_options(EXPORTERS[name].options, options)


def test_options_are_read_from_words() -> None:
    options = {option.name: option for option in EXPORTERS["overlay_mp4"].options}

    assert options["labels"].parse("yes") is True
    assert options["opacity"].parse("0.25") == 0.25
    assert options["crf"].parse("18") == 18


def test_every_format_says_to_people_what_it_is_for() -> None:
    rows = [exporter.to_wire() for exporter in EXPORTERS.values()]
    read = [importer.to_wire() for importer in IMPORTERS.values()]

    assert [row["name"] for row in rows if not (row["group"] and row["purpose"])] == []
    assert [row["name"] for row in read if not (row["reads"] and row["suffixes"])] == []


@pytest.mark.parametrize("name", [row.name for row in EXPORTERS.values() if "masks" in row.holds])
def test_a_format_is_stopped_between_two_masks_of_a_frame(tmp_path: Path, name: str) -> None:
    asked = []

    def check() -> None:
        asked.append(name)
        if len(asked) == 2:
            raise Cancelled(name)

    with pytest.raises(Cancelled):
        list(steps(tmp_path, name, check=check))
    assert len(asked) == 2
