"""`annotate` outside of a notebook: the same server and masks, and what it says when it cannot."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from sam2_session.core.errors import Conflict, HostUnavailable, VideoNotFound
from sam2_session.errors import InvalidRequest
from sam2_session.notebook import Annotator, annotate
from sam2_session.notebook.cell import Frame, css_height, html_of
from sam2_session.notebook.jupyter import notebook_origins
from sam2_session.options import InvalidSettings
from tests import processes
from tests.annotating import BODY, SIZE, make_moving_clip
from tests.import_graph import ROOT
from tests.small_input import small_configs
from tests.web.test_start import wait_until_gone

ANNOTATE_AND_WAIT = """
import sys, time
from sam2_session.notebook import annotate
app = annotate(sys.argv[1], sys.argv[2], configs_dir=sys.argv[3])
print(app.server.settings.port, flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def app(folder: Path) -> Iterator[Annotator]:
    """A clip of twelve frames, open in a server that the tests of this file share."""
    before = processes.child_pids()
    clip = make_moving_clip(folder / "clip.mp4")
    options = {"configs_dir": small_configs(folder), "precision": "fp32"}
    with annotate(clip, folder, embed_origin="http://localhost:8888/", **options) as app:
        processes.shared |= processes.child_pids() - before
        yield app
    assert processes.child_pids() - before - processes.idle_fork_servers() == set()


def test_masks_are_read_as_they_are_now(app: Annotator, folder: Path) -> None:
    pair = app.video.instance(1)["overall"]
    clicked = pair.click(*BODY, frame=3)
    pair.click(*BODY, frame=5)
    masks = app.masks()

    assert list(masks) == [3, 5]
    assert (masks[3] == clicked).all()
    assert (masks[3].dtype, masks[3].shape) == (np.bool_, SIZE[::-1])
    assert list(app.masks(1, "overall", start=4)) == [5]
    assert app.masks(1, "shaft") == {}


def test_masks_are_saved_as_frame_and_id(app: Annotator, folder: Path) -> None:
    app.video.instance(1)["overall"].click(*BODY, frame=3)
    app.video.add_instance()["gripper"].click(*BODY, frame=7)

    ids = app.save_masks(folder / "masks")

    assert [(pair.instance_id, pair.region) for pair in ids.values()] == [
        (1, "overall"),
        (2, "gripper"),
    ]
    first = np.load(folder / "masks" / "3_0.npy")
    assert (first.dtype, first.shape) == (np.uint8, SIZE[::-1])
    assert (first == app.masks()[3]).all()
    assert (np.load(folder / "masks" / "7_1.npy") == app.masks(2, "gripper")[7]).all()


def test_saved_masks_are_read_back_into_their_pairs(app: Annotator, folder: Path) -> None:
    app.video.instance(1)["wrist"].set_prompts(2, [(*BODY, 1)])
    before = app.masks(1, "wrist")
    app.save_masks(folder / "to read")
    app.reset_all()

    app.video.import_(folder / "to read")

    after = app.masks(1, "wrist")
    assert list(after) == [2]
    assert (after[2] == before[2]).all()
    app.reset_all()


def test_reset_all_leaves_nothing_and_can_be_undone(app: Annotator, folder: Path) -> None:
    pair = app.video.instance(1)["overall"]
    pair.set_prompts(3, [(*BODY, 1)])
    pair.approve([(3, 3)])
    before = app.masks()[3]

    app.reset_all()

    assert app.masks() == {}
    assert app.video.pairs() == []
    assert app.save_masks(folder / "none") == {}
    pair.undo(3)
    assert (app.masks()[3] == before).all()


def test_tracking_waits_for_the_end(app: Annotator) -> None:
    app.video.instance(1)["overall"].set_prompts(0, [(*BODY, 1)])

    job = app.track(end=3)

    assert job.state == "done"
    assert {0, 1, 2, 3} <= set(app.masks())


def test_the_same_cell_run_again_finds_its_server(app: Annotator, folder: Path) -> None:
    options = {"configs_dir": small_configs(folder), "precision": "fp32"}
    again = annotate("clip", folder, embed_origin="http://localhost:8888/", **options)
    with pytest.raises(InvalidSettings, match="other options"):
        annotate("clip", folder, model="sam2.1_hiera_tiny")
    again.close()

    assert again.server is app.server
    assert httpx.get(f"{app.server.address}/healthz").text == "ok\n"
    assert repr(again) == "<Annotator clip: closed>"
    with pytest.raises(HostUnavailable, match="closed"):
        again.masks()


def test_only_this_notebook_gets_in_and_may_show_the_page(app: Annotator) -> None:
    page = httpx.get(app.url)
    stranger = httpx.get(f"{app.server.address}/api/videos")

    assert "frame-ancestors http://localhost:8888;" in page.headers["content-security-policy"]
    assert stranger.status_code == 401
    assert app.server.settings.token in app.url
    assert app.server.settings.token not in app.log


def test_what_is_no_video_is_named_with_where_it_was_sought(app: Annotator, folder: Path) -> None:
    with pytest.raises(VideoNotFound, match="no file, seen from .* no video of .*: clip") as error:
        annotate("other", folder, **app.server.options)
    with pytest.raises(VideoNotFound, match="no file"):
        annotate(folder / "missing.mp4", folder / "elsewhere")

    assert error.value.code == "video_not_found"
    assert not (folder / "elsewhere").exists()  # nothing was started for it


def test_outside_of_a_notebook_there_is_an_address_to_open(app: Annotator) -> None:
    assert app.url.startswith(f"http://127.0.0.1:{app.server.settings.port}/?video=clip#t=")
    with pytest.raises(InvalidRequest, match="app.url"):
        app.show()


def test_a_taken_port_says_what_to_do(tmp_path: Path) -> None:
    clip = make_moving_clip(tmp_path / "clip.mp4")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InvalidSettings, match=rf"Port {port} cannot .*in use") as error:
            annotate(clip, tmp_path, port=port)

    assert "Leave `port` out" in error.value.hint


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prot": 1}, "no option 'prot'"),
        ({"host": "0.0.0.0"}, "for this notebook alone"),  # noqa: S104
        ({"public_url": "hub/proxy"}, "no origin"),
        ({"max_conditioning_frames": 1}, "--max-conditioning-frames"),
    ],
)
def test_a_bad_option_starts_nothing(
    options: dict[str, object], message: str, tmp_path: Path
) -> None:
    clip = make_moving_clip(tmp_path / "clip.mp4")

    with pytest.raises(InvalidSettings, match=message):
        annotate(clip, tmp_path, **options)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4"]


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    clip = make_moving_clip(tmp_path / "clip.mp4")

    with pytest.raises(HostUnavailable, match="(?s)ended.*No model 'nope'") as ended:
        annotate(clip, tmp_path, model="nope")

    assert "run the cell again" in ended.value.hint


def test_the_origin_is_that_of_the_jupyter_that_started_the_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    facts = {"port": 8890, "secure": False, "url": "http://localhost:8890/"}
    (tmp_path / "jpserver-11.json").write_text(json.dumps(facts))
    (tmp_path / "jpserver-12.json").write_text(json.dumps({**facts, "secure": True}))
    (tmp_path / "jpserver-13.json").write_text("{")

    found = {pid: notebook_origins({"JPY_PARENT_PID": pid}) for pid in ("11", "12", "13", "14")}

    assert found.pop("11") == ("http://localhost:8890", "http://127.0.0.1:8890")
    assert set(found.values()) == {()}
    assert notebook_origins({}) == ()


def test_no_name_ends_the_script_of_a_cell() -> None:
    url = "http://127.0.0.1:1/?video=</script><b>"

    html = html_of(Frame(url, ["http://a"], css_height(480), near=True), "<i>", "some-id")

    assert html.count("</script>") == 1
    assert "<i>" not in html
    assert "<b>" not in html
    assert '"480px"' in html
    assert css_height("60vh") == "60vh"
    with pytest.raises(InvalidRequest, match="too low"):
        css_height(90)


@pytest.mark.slow
def test_the_server_ends_with_a_kernel_that_is_killed(tmp_path: Path) -> None:
    clip = make_moving_clip(tmp_path / "clip.mp4")
    words = [str(clip), str(tmp_path), str(small_configs(tmp_path))]
    with subprocess.Popen(
        [sys.executable, "-c", ANNOTATE_AND_WAIT, *words], cwd=ROOT, stdout=subprocess.PIPE
    ) as kernel:
        assert kernel.stdout is not None
        assert kernel.stdout.readline()
        family = processes.descendants(kernel.pid)
        with pytest.raises(Conflict, match="Another server"):
            annotate("clip", tmp_path, configs_dir=small_configs(tmp_path))
        kernel.send_signal(signal.SIGKILL)

    assert len(family) >= 2
    for pid in family:
        wait_until_gone(pid)
