"""The only video of a file is read whatever its name, with a warning, the same in every format."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sam2_session.formats.format_detection import read_import
from sam2_session.formats.importing.plan import ImportPlan, VideoFacts
from sam2_session.formats.registry import EXPORTERS
from tests.formats.archives import make_zip
from tests.formats.drawn_source import written
from tests.formats.foreign_inputs import DOCUMENTS, ZIPS
from tests.formats.mutations import FORMATS, UNREAD
from tests.formats.test_mutations import CHOICES, FACTS

THEIRS = replace(FACTS, names=("theirs.mp4", "theirs"))
OTHER = "The file says that it is of another video: "
OWN = [name for name in FORMATS if not name.startswith(UNREAD)]
SAY_NONE = ("label_studio", "cvat_video")
CVAT = b"""<annotations><meta><source>clip.mp4</source></meta><track id="0" label="shaft">
<box frame="0" outside="0" keyframe="1" xtl="5" ytl="5" xbr="30" ybr="20"/></track></annotations>"""


def told(path: Path, facts: VideoFacts) -> list[str]:
    with read_import(path, facts, CHOICES) as plan:
        assert plan.items, plan.notes
        return others(plan)


def others(plan: ImportPlan) -> list[str]:
    return [
        note.why.removeprefix(OTHER).rstrip(".")
        for note in plan.notes
        if note.why.startswith(OTHER)
    ]


def document(folder: Path, value: Any) -> Path:
    path = folder / "document.json"
    path.write_text(json.dumps(value))
    return path


def of_one_video(tracks: dict[str, Any]) -> dict[str, Any]:
    """A YouTube-VIS file without the second of its videos."""
    return {**tracks, "videos": tracks["videos"][:1], "annotations": tracks["annotations"][:1]}


@pytest.fixture(params=["video task", "youtube_vis", "sa_v", "points", "cvat", "davis", "roboflow"])
def foreign(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file of the only video "clip", by another program."""
    kind = str(request.param)
    if kind == "cvat":
        (tmp_path / "cvat.xml").write_bytes(CVAT)
        return tmp_path / "cvat.xml"
    if kind == "davis":
        files = {name: data for name, data in ZIPS["davis"].items() if "/other/" not in name}
        return make_zip(tmp_path / "davis.zip", files)
    if kind == "roboflow":
        image = {"id": 1, "file_name": "clip_mp4-0002_jpg.rf.0a1b2c.jpg"}
        return document(tmp_path, {**DOCUMENTS["coco"], "images": [{**image, "id": 0}]})
    if kind == "sa_v":
        with zipfile.ZipFile(written(tmp_path, "sa_v")) as file:
            return document(tmp_path, json.loads(file.read("annotations/clip_manual.json")))
    points = {"video": "clip.mp4", **DOCUMENTS["points"]}
    values = {"video task": DOCUMENTS["label_studio_video"], "points": points}
    tracks = of_one_video(DOCUMENTS["youtube_vis"])
    return document(tmp_path, values.get(kind, tracks))


def test_another_name_is_taken_with_a_warning(foreign: Path) -> None:
    assert told(foreign, FACTS) == []
    assert len(told(foreign, THEIRS)) == 1


@pytest.mark.parametrize("name", OWN)
def test_our_own_exports_of_another_video_say_so(tmp_path: Path, name: str) -> None:
    assert name in EXPORTERS
    path = written(tmp_path, name)

    assert told(path, FACTS) == []
    assert told(path, THEIRS) != [] or name in SAY_NONE


@pytest.mark.parametrize("name", ["clip.avi", "Clip", "clip_mp4", "CLIP.MP4", "folder/clip.mov"])
def test_the_same_name_in_another_spelling_is_this_video(tmp_path: Path, name: str) -> None:
    (task,) = DOCUMENTS["label_studio_video"]
    path = document(tmp_path, [{**task, "data": {"video": name}}])

    assert told(path, FACTS) == []


def test_names_that_state_two_videos_are_asked_about_also_with_different_numbers(
    tmp_path: Path,
) -> None:
    names = ("one_mp4-0001_jpg.rf.0a1b.jpg", "two_mp4-0002_jpg.rf.0c1d.jpg")
    images = [{"id": at, "file_name": name} for at, name in enumerate(names)]
    path = document(tmp_path, {**DOCUMENTS["coco"], "images": images})

    with read_import(path, FACTS, CHOICES) as plan:
        assert (plan.needs, [task.value for task in plan.tasks]) == ("task", ["one.mp4", "two.mp4"])
    chosen = replace(CHOICES, task="two.mp4")
    with read_import(path, FACTS, chosen) as plan:
        assert {item.frame_idx for item in plan.items} == {2}


def test_a_manifest_beside_other_files_is_heard(tmp_path: Path) -> None:
    path = written(tmp_path, "masks_zip")
    copy = tmp_path / "copy.zip"
    shutil.copy(path, copy)

    assert told(copy, THEIRS) == ["clip.mp4"]
