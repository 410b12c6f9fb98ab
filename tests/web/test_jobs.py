"""Every kind of job is listed, read and cancelled alike, by REST and by the socket's events."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from sam2_session.hosts.inline import InlineHost
from sam2_session.services.jobs.background import BackgroundJob
from sam2_session.web.app import create_app
from tests.annotating import BODY, ROOT, Annotator, annotating, device_held, settings_of
from tests.models.file_server import Behaviour, serve

KINDS = ["propagate", "export", "import", "model_download"]
DATA = bytes(range(256)) * 1024
POINT = {"prompts": [{"frame_index": 2, "x": 40, "y": 30, "label": 1}]}


class Desk:
    """Real services behind the web application, one annotator, and a download that takes long."""

    def __init__(self, ada: Annotator) -> None:
        self.ada = ada
        web = create_app(InlineHost(ada.services), ada.services._settings)
        self.http = web.flask.test_client()
        self.socket = web.socketio.test_client(web.flask, auth={"token": "none is needed"})
        self._seq = 0

    def start(self, kind: str) -> str:
        """Begin a job of this kind; its id."""
        return str(getattr(self, f"_start_{kind}")())

    def request(self, method: str, path: str) -> Any:
        answer = self.http.open(path, method=method)
        assert answer.status_code == 200, answer.json
        return answer.json

    def cancel(self, door: str, job_id: str) -> Any:
        """The job as the cancelling door describes it."""
        if door == "rest":
            return self.request("DELETE", f"/api/jobs/{job_id}")
        self._seq += 1
        command = {"client_id": "page", "seq": self._seq, "job_id": job_id}
        ack = self.socket.emit("cancel", command, callback=True)
        assert ack["status"] == "applied", ack
        return ack["job"]

    def _start_propagate(self) -> Any:
        ack = self.ada.send("propagate", video_id="clip", pairs="all", force=True)
        return ack["job_id"]

    def _start_export(self) -> Any:
        return self.ada.call("start_export", video_id="clip", format="masks_zip")["job_id"]

    def _start_import(self) -> Any:
        upload = self.ada.call("start_import", video_id="clip", name="notes.json")
        Path(upload["path"]).write_bytes(orjson.dumps(POINT))
        call = {"video_id": "clip", "file_id": upload["upload_id"]}
        return self.ada.call("import_file", **call)["job_id"]

    def _start_model_download(self) -> Any:
        self.ada.call("select_model", name="far")
        return "model-far"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "configs", folder / "configs")
    (folder / "checkpoints").mkdir()
    rows = yaml.safe_load((folder / "configs/models.yaml").read_text())["models"]
    checkpoint = ROOT / "checkpoints" / rows[0]["checkpoint"]
    (folder / "checkpoints" / checkpoint.name).symlink_to(checkpoint)
    with serve(Behaviour(DATA, pause_s=0.2)) as url:
        far = {"name": "far", "checkpoint": "far.pt", "url": url, "bytes": len(DATA), "demo": False}
        far = {**rows[0], **far, "sha256": hashlib.sha256(DATA).hexdigest()}
        (folder / "configs/models.yaml").write_text(yaml.safe_dump({"models": [rows[0], far]}))
        changes = {"configs_dir": folder / "configs", "checkpoints_dir": folder / "checkpoints"}
        settings = settings_of(folder, async_mode="threading", **changes)
        with annotating(settings) as ada:
            ada.open()
            ada.click(0, *BODY)
            ada.propagate()  # threads that a first run starts are there from now on
            yield Desk(ada)


@contextmanager
def held(desk: Desk) -> Iterator[None]:
    """Hold up the device and the queue of background jobs until the end."""
    go = threading.Event()

    def wait(_: BackgroundJob) -> Any:
        yield None
        go.wait(120)

    with device_held(desk.ada):
        job = BackgroundJob(f"holds-{id(go)}", "export", "other", 1, wait)
        desk.ada.services._background.submit(job)
        desk.ada.until(lambda: job.state == "running")
        try:
            yield
        finally:
            go.set()


@pytest.mark.parametrize("door", ["socket", "rest"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_job_of_every_kind_can_be_cancelled(desk: Desk, kind: str, door: str) -> None:
    with held(desk):
        job_id = desk.start(kind)
        told = desk.cancel(door, job_id)
    desk.ada.until(lambda: desk.ada.call("get_job", job_id=job_id)["state"] == "cancelled")

    assert (told["job_id"], told["kind"]) == (job_id, kind)
    ended = [job for job in desk.ada.of("job_ended") if job["job_id"] == job_id]
    assert ended[-1]["state"] == "cancelled"


def test_every_kind_is_listed_and_read_in_the_same_shape(desk: Desk) -> None:
    with held(desk):
        ids = {kind: desk.start(kind) for kind in KINDS}
        listed = {job["job_id"]: job for job in desk.request("GET", "/api/jobs")["jobs"]}
        read = {kind: desk.request("GET", f"/api/jobs/{job_id}") for kind, job_id in ids.items()}
        for job_id in ids.values():
            desk.cancel("rest", job_id)

    assert {job["kind"] for job in read.values()} == set(KINDS)
    assert len({tuple(job) for job in [*read.values(), *listed.values()]}) == 1  # the same keys
    assert [listed[job_id]["kind"] for job_id in ids.values()] == KINDS


@pytest.mark.parametrize("door", ["socket", "rest"])
def test_a_job_that_is_not_there_is_not_found(desk: Desk, door: str) -> None:
    if door == "rest":
        answer = desk.http.delete("/api/jobs/unknown").json
    else:
        command = {"client_id": "page", "seq": 1000, "job_id": "unknown"}
        answer = desk.socket.emit("cancel", command, callback=True)

    assert answer["error"]["code"] == "job_not_found"
