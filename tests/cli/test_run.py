"""``run``: from a video and prompts to a file of masks, in one command."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sam2_session.cli.__main__ import main
from sam2_session.cli.outcomes import MASKS_MISSING, outcome_of, spans_text
from sam2_session.cli.run import _tell
from sam2_session.cli.run_prompts import read_objects
from sam2_session.core.errors import InvalidRequest
from sam2_session.core.types import Direction
from sam2_session.settings import Settings
from tests.annotating import BODY, DISC, annotating, make_moving_clip, mask_bytes, settings_of
from tests.client.workspaces import small_studio
from tests.import_graph import ROOT
from tests.networks import built_once

CLICKS = f"[{list(BODY)}, {list(DISC)}]"
PROMPTS = ("--object", "body/gripper", "--points", CLICKS, "--labels", "[1, 0]",
           "--object", "disc/shaft", "--frame", "2", "--box", "[110, 50, 150, 90]")  # fmt: skip


def environ_of(settings: Settings) -> dict[str, str]:
    folders = ("videos_dir", "outputs_dir", "checkpoints_dir", "configs_dir")
    environ = {f"SAM2_SESSION_{name.upper()}": str(getattr(settings, name)) for name in folders}
    return environ | {"SAM2_SESSION_PRECISION": "fp32"}


def run(settings: Settings, *words: str) -> int:
    with built_once():
        return main(("run", *words), environ_of(settings))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "cli")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_moving_clip(tmp_path / "clip.mp4")


def test_it_does_what_the_services_do_by_hand(
    settings: Settings, clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "masks.zip"

    assert run(settings, str(clip), *PROMPTS, "--out", str(out)) == 0

    assert (
        capsys.readouterr().out == f"1/gripper: 12 of 12 frames\n2/shaft: 10 of 10 frames\n{out}\n"
    )
    by_hand = settings_of(tmp_path / "by hand")
    with annotating(by_hand) as ada:
        ada.open()
        ada.call("create_instance", video_id="clip")
        ada.click(0, *BODY, region="gripper")
        ada.click(0, *DISC, label=0, region="gripper")
        ada.act("set_box", 2, region="shaft", instance_id=2, box=[110, 50, 150, 90])
        ada.propagate()
    with zipfile.ZipFile(out) as file:
        masks = {name: file.read(name) for name in file.namelist() if name.endswith(".png")}
    assert masks == {
        f"instance{n}/masks_{region}/{idx + 1:05}.png": mask_bytes(by_hand, idx, region, n)
        for n, region, first in ((1, "gripper", 0), (2, "shaft", 2))
        for idx in range(first, 12)
    }


def test_the_same_command_again_changes_nothing(
    settings: Settings, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (str(clip), *PROMPTS, "--end", "3", "--json", "--quiet")

    assert run(settings, *words) == 0
    first = json.loads(capsys.readouterr().out)
    assert run(settings, *words) == 0

    assert json.loads(capsys.readouterr().out) == first
    assert first == {
        "video_id": "clip",
        "pairs": [
            {"instance_id": 1, "region": "gripper", "start": 0, "end": 3, "missing": []},
            {"instance_id": 2, "region": "shaft", "start": 2, "end": 3, "missing": []},
        ],
        "export": None,
    }


def test_prompts_come_from_a_file(settings: Settings, clip: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "labels.json", tmp_path / "masks.zip"
    assert run(settings, str(clip), *PROMPTS, "--end", "4", "--export", "label_studio",
               "--out", str(first)) == 0  # fmt: skip
    fresh = settings_of(tmp_path / "fresh")

    assert run(fresh, str(clip), "--from", str(first), "--out", str(second)) == 0

    with zipfile.ZipFile(second) as file:
        names = [name for name in file.namelist() if name.endswith(".png")]
    assert len(names) == 12 + 10


def test_a_frame_without_a_mask_is_told(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = argparse.Namespace(json=False)
    with small_studio(tmp_path) as studio:
        video = studio.video(clip)
        pair = video.instance(1)["shaft"]
        pair.click(*BODY, frame=1)
        outcome = outcome_of(pair, Direction.FORWARD, end=4)

        assert _tell(args, video, [outcome], None) == MASKS_MISSING

    assert outcome.missing == (2, 3, 4)
    assert capsys.readouterr().out == "1/shaft: 1 of 4 frames; none on 2-4\n"


def test_ctrl_c_keeps_what_is_done_and_the_next_run_goes_on(
    settings: Settings, tmp_path: Path
) -> None:
    clip = make_moving_clip(tmp_path / "long.mp4", 60)
    command = [
        sys.executable,
        "-m",
        "sam2_session",
        "run",
        str(clip),
        "--points",
        f"[{list(BODY)}]",
    ]
    environ = {**os.environ, **environ_of(settings)}
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = ""
    while "tracking" not in said:
        line = process.stderr.readline()
        assert line, said
        said += line

    process.send_signal(signal.SIGINT)
    said = process.stderr.read()
    process.stderr.close()

    assert process.wait() == 130
    assert "masks and all prompts of long" in said
    assert "Traceback" not in said
    assert run(settings, str(clip), "--points", f"[{list(BODY)}]") == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "no prompts"),
        (("--points", "[[1,2]]", "--labels", "[1,0]"), "1 points and 2 labels"),
        (("--points", "1,2"), "cannot be read"),
        (("--box", "[1,2,3]"), "cannot be read"),
        (("--object", "a"), "has no prompts"),
        (("--from", "nothing.json"), "no file"),
        (("--points", "[[1,2]]", "--export", "gif"), "no format 'gif'"),
        (("--points", "[[1,2]]", "--set", "size=7"), "no option 'size'"),
        (("--points", "[[1,2]]", "--out", "no/such/masks.zip"), "no folder"),
    ],
)
def test_bad_prompts_are_refused_before_any_work(
    settings: Settings, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert main(("run", "clip", *words), environ_of(settings)) == 1
    assert message in capsys.readouterr().err


def test_an_error_is_a_document_with_json(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("run", "clip", "--json"), environ_of(settings)) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "invalid_request"


def test_arguments_belong_to_the_object_and_frame_before_them() -> None:
    words = [("points", "[[1,2]]"), ("frame", 5), ("box", "[1,2,3,4]"), ("object", "b/wrist"),
             ("points", "[[5,6]]"), ("points", "[[7,8]]"), ("labels", "[0,1]")]  # fmt: skip

    first, second = read_objects(words)

    assert (first.name, first.region, sorted(first.frames)) == (None, "overall", [0, 5])
    assert (second.name, second.region) == ("b", "wrist")
    assert second.frames[0].labelled_points() == [(5, 6, 0), (7, 8, 1)]
    with pytest.raises(InvalidRequest):
        read_objects([("frame", 3)])


def test_frames_are_shown_as_spans() -> None:
    assert spans_text([3, 4, 5, 9]) == "3-5, 9"
