"""Dry runs of changed files through the services and over REST: nothing hangs, fails or changes."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from sam2_session.core.errors import SessionError
from sam2_session.settings import Settings
from tests.annotating import Annotator, annotating, make_moving_clip
from tests.browser.server import LiveServer
from tests.formats.mutations import assert_is_a_report
from tests.siege.attack import Answer, Attack, form, request, wait_for
from tests.siege.mutated import mutated_files
from tests.workspace_dirs import WorkspaceDirs

FRAMES = 12  # of the moving clip
LONG_S = 60.0  # a dry run of these few kilobytes that takes longer hangs
CONFLICT = 409


def through_services(run: Attack) -> None:
    """Send changed files through the services in this process."""
    dirs = WorkspaceDirs.made_in(run.folder / "services")
    settings = Settings(videos_dir=dirs.videos, outputs_dir=dirs.outputs, precision="fp32")
    with annotating(settings) as ada:
        ada.open()
        before = _annotations(ada)
        for name, path, _ in mutated_files(run):
            began_s = time.monotonic()
            try:
                report = _dry_run(ada, path.read_bytes())
            except SessionError as error:
                named = 400 <= error.status < 500 and error.hint
                wrong = None if named else f"{error.status} {error.message} ({error.hint})"
            except Exception as error:  # noqa: BLE001 - that is what is looked for
                wrong = repr(error)
            else:
                wrong = _complaint_about(report)
            _note(run, name, wrong, time.monotonic() - began_s)
        run.check(_annotations(ada) == before, "a dry run changed the video")


def over_rest(run: Attack) -> None:
    """Send changed files to a whole server."""
    dirs = WorkspaceDirs.made_in(run.folder / "rest")
    make_moving_clip(dirs.videos / "clip.mp4")
    log = run.folder / "server.log"
    with LiveServer(dirs, log, "--precision", "fp32") as server:
        request(server, "POST", "/api/videos/clip/extract", b"")
        wait_for(lambda: request(server, "GET", "/api/videos/clip").json["state"] == "ready")
        for name, path, _ in mutated_files(run):
            began_s = time.monotonic()
            wrong = complaint(dry_run_over_rest(server, path.read_bytes()))
            _note(run, name, wrong, time.monotonic() - began_s)
        listed = request(server, "GET", "/api/videos/clip/imports").json
        run.check(listed == {"imports": [], "mapping": {}}, f"a dry run imported: {listed}")
    lines = log.read_text(errors="replace").splitlines()
    run.found += [f"log: {line}"[:300] for line in lines if line.startswith(("ERROR", "Traceback"))]


def dry_run_over_rest(server: LiveServer, data: bytes) -> Answer:
    """Send a file for a dry run, again while the video's frames are still being extracted."""
    while True:
        body, kind = form("notes.json", data)
        answer = request(server, "POST", "/api/videos/clip/imports?dry_run=1", body, kind)
        if answer.status != CONFLICT:
            return answer


def complaint(answer: Answer) -> str | None:
    """Say what is wrong with the answer to a dry run; None if it is a report or a named refusal."""
    if answer.status == 200:
        return _complaint_about(answer.json)
    named = 400 <= answer.status < 500 and answer.json["error"]["hint"]
    return None if named else f"{answer.status} {answer.body[:300]!r}"


def _complaint_about(report: dict[str, Any]) -> str | None:
    try:
        assert_is_a_report(report, FRAMES)
        json.dumps(report, allow_nan=False)
    except (AssertionError, ValueError) as error:
        return f"{error!r} {report['format']} {report['notes']}"
    return None


def _dry_run(ada: Annotator, data: bytes) -> dict[str, Any]:
    place = ada.call("start_import", video_id="clip", name="notes.json")
    Path(place["path"]).write_bytes(data)
    call = {"video_id": "clip", "file_id": place["upload_id"], "options": None}
    report: dict[str, Any] = ada.call("import_file", **call, dry_run=True)
    return report


def _note(run: Attack, name: str, wrong: str | None, took_s: float) -> None:
    run.check(wrong is None, f"{name}: {wrong}"[:500])
    run.check(took_s < LONG_S, f"{name}: took {took_s:.0f} s")


def _annotations(ada: Annotator) -> tuple[Any, ...]:
    imports = ada.call("list_imports", video_id="clip")
    instances = ada.call("list_instances", video_id="clip")["instances"]
    return imports, instances
