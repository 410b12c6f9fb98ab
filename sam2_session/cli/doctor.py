"""The command ``doctor``: looks at this machine, and says what is wrong and what to do about it."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sam2_session import __version__
from sam2_session.cli.doctor_speed import speed_words, track_speeds
from sam2_session.cli.options import Opener, add_json, add_where, write
from sam2_session.cli.sizes import shown_bytes
from sam2_session.client.jobs import jobs_of
from sam2_session.client.workspaces import Studio
from sam2_session.core.errors import SessionError
from sam2_session.folders import DEMO_CLIP
from sam2_session.models.checkpoints import CheckpointStore
from sam2_session.models.registry import Registry
from sam2_session.options import GIB
from sam2_session.runtime import listen_tcp, monotonic
from sam2_session.settings import Settings

GOOD, WARNING, BAD = "ok", "warning", "bad"
LITTLE_SPACE_BYTES = 10 * GIB
SAMPLE_BYTES = 64 * 1024 * 1024
SLOW_BYTES_PER_S = 20_000_000
LIBRARIES = ("torch", "sam2", "numpy", "opencv-python-headless", "av", "flask", "httpx")


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its subject, its state, and the remedy if it is not ok."""

    name: str
    state: str
    text: str
    hint: str = ""

    def to_line(self) -> str:
        """Describe it for people."""
        return f"{self.state:8} {self.name}: {self.text} {self.hint}".rstrip() + "\n"


def add_doctor(commands: Any) -> None:
    """Add the command ``doctor``."""
    parser = commands.add_parser(
        "doctor", help="look at this machine: what is wrong, and what to do about it"
    )
    parser.add_argument("--no-click", action="store_true", help="do not try a click")
    parser.add_argument(
        "--speed",
        action="store_true",
        help="also measure a tracked frame in each precision, with one thread and with all",
    )
    parser.add_argument(
        "--mend",
        metavar="VIDEO",
        help="make the damaged database of this video anew, from its JSON and PNG files",
    )
    add_json(parser)
    add_where(parser)
    parser.set_defaults(run=doctor)


def doctor(args: argparse.Namespace, opener: Opener) -> int:
    """Run every check, or mend a video; 1 if a check is bad."""
    if args.mend:
        return _mend(args, opener)
    if args.url:
        checks = [_checked("server", lambda: _server(opener))]
    else:
        checks = list(_checks(opener.settings, click=not args.no_click, speed=args.speed))
    is_bad = any(check.state == BAD for check in checks)
    document = {"ok": not is_bad, "checks": [asdict(check) for check in checks]}
    write(args, document, "".join(check.to_line() for check in checks))
    return int(is_bad)


def _mend(args: argparse.Namespace, opener: Opener) -> int:
    """Set a video's damaged database aside, and wait until its files are imported."""
    with closing(opener()) as workspace:
        mended = workspace.call("mend_video", video_id=args.mend)
        for job in jobs_of(workspace.connection, mended["jobs"]):
            if not job.is_finished:
                job.wait()
    kept = f"{mended['video_id']}/{mended['set_aside']}"
    text = f"{args.mend} is mended; its damaged database is kept in outputs/{kept}.\n"
    write(args, {"video_id": args.mend, "set_aside": mended["set_aside"]}, text)
    return 0


def _checks(settings: Settings, *, click: bool, speed: bool) -> Iterator[Check]:
    yield _versions()
    yield _checked("device", lambda: _device(settings))
    for name in ("videos_dir", "outputs_dir", "checkpoints_dir"):
        yield _checked(name, partial(_folder, getattr(settings, name)))
    yield _checked("port", lambda: _port(settings))
    model = _checked("model", lambda: _model(settings))
    yield model
    if click and model.state == GOOD:
        yield _checked("click", lambda: _click(settings))
    if speed and model.state == GOOD:
        yield _checked("speed", lambda: Check("", GOOD, *speed_words(track_speeds(settings))))


def _checked(name: str, look: Callable[[], Check]) -> Check:
    """Look, and make a bad check of an error."""
    try:
        return replace(look(), name=name)
    except SessionError as error:
        return Check(name, BAD, error.message, error.hint)
    except OSError as error:
        return Check(name, BAD, f"{error.strerror}: {error.filename or ''}.", "See to it first.")


def _server(opener: Opener) -> Check:
    with closing(opener()) as workspace:
        rows = workspace.models()
    used = next((row for row in rows if row["state"] == "selected"), None)
    if used is None:
        return Check("", WARNING, "it answers, but no model is in use.", "Select one on the page.")
    how = f"{used['name']} runs on {used['device']} in {used['precision']}"
    return Check("", GOOD, f"it answers; {how}: {used['precision_reason']}.")


def _versions() -> Check:
    found = {name: _version(name) for name in LIBRARIES}
    listed = ", ".join(f"{name} {number}" for name, number in found.items() if number)
    text = f"sam2-session {__version__}, Python {platform.python_version()}, {listed}."
    missing = [name for name, number in found.items() if not number]
    if missing:
        return Check("versions", BAD, f"{', '.join(missing)} is missing.", "Install it again.")
    return Check("versions", GOOD, text)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _device(settings: Settings) -> Check:
    from sam2_session.inference.loading import choose_device, choose_precision  # imports torch
    from sam2_session.inference.machine import describe_machine

    machine = describe_machine(settings.device)
    precision, reason = choose_precision(settings.precision, choose_device(settings.device))
    build = f"CUDA {machine.cuda_build}" if machine.cuda_build else "CPU only"
    memory = f", {shown_bytes(machine.memory_bytes)}" if machine.memory_bytes else ""
    threads = settings.torch_threads or machine.cpu_threads
    named = f" ({machine.name}{memory})" if machine.name else f", {threads} threads"
    how = f"{machine.device}{named}, {precision}: {reason}"
    text = f"{how}; torch {machine.torch_version}, {build}. {machine.driver}"
    if machine.device != "cpu":
        return Check("", GOOD, text)
    if machine.driver and settings.device == "auto":
        hint = "There is an NVIDIA GPU that torch does not use: install a build of torch for it."
        return Check("", WARNING, text, hint)
    return Check("", GOOD, text, "A GPU is not needed, but much faster.")


def _folder(folder: Path) -> Check:
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if free < 2 * SAMPLE_BYTES:
        return Check(
            "", BAD, f"{shown_bytes(free)} free.", "Nothing can be saved: free some space."
        )
    rate = _write_rate(there)
    text = f"{shown_bytes(free)} free, writes {shown_bytes(rate)} a second."
    if free < LITTLE_SPACE_BYTES:
        return Check("", WARNING, text, "Frames of long videos need more: free some space.")
    if rate < SLOW_BYTES_PER_S:
        return Check("", WARNING, text, "A faster disk makes extraction and saving faster.")
    return Check("", GOOD, text)


def _write_rate(folder: Path) -> float:
    """Write a file of noise and remove it; returns bytes per second."""
    noise = os.urandom(SAMPLE_BYTES)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-") as file:
        began_s = monotonic()
        file.write(noise)
        file.flush()
        os.fsync(file.fileno())
        return SAMPLE_BYTES / max(monotonic() - began_s, 1e-6)


def _port(settings: Settings) -> Check:
    try:
        listen_tcp(settings.host, settings.port).close()
    except OSError as error:
        hint = "A server may run already; another --port avoids it."
        where = f"{settings.host}:{settings.port}"
        return Check("", WARNING, f"{where} is not free: {error.strerror}.", hint)
    return Check("", GOOD, f"{settings.host}:{settings.port} is free.")


def _model(settings: Settings) -> Check:
    spec = Registry.load(settings.configs_dir).get(settings.model)
    path = CheckpointStore(settings.checkpoints_dir).verify(spec)
    if path is None:
        hint = f"Fetch it: sam2-session models pull {spec.name}"
        return Check("", WARNING, f"{spec.checkpoint} is not here yet.", hint)
    hint = "It was trained on drawn clips: choose another --model for footage." if spec.demo else ""
    return Check("", GOOD, f"{spec.name}, {shown_bytes(path.stat().st_size)}, verified.", hint)


def _click(settings: Settings) -> Check:
    """Click into the middle of the demo clip, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="sam2-session-doctor-") as folder:
        videos_dir, outputs_dir = Path(folder) / "videos", Path(folder) / "outputs"
        own = replace(settings, videos_dir=videos_dir, outputs_dir=outputs_dir)
        with Studio.of(own) as studio:
            video = studio.video(DEMO_CLIP)
            height, width = video.size_hw
            pair = video.instance(1)["overall"]
            pair.click(width / 2, height / 2, frame=0)
            began_s = monotonic()
            mask = pair.click(width / 2 + 1, height / 2, frame=0)
            took_s = monotonic() - began_s
    text = f"a mask of {int(mask.sum())} pixels of the demo clip in {took_s:.2f} s."
    return Check("", GOOD, text)
