"""Hostile files: imports, containers and checkpoints with changed, cut or foreign bytes."""

from __future__ import annotations

import pickle
import random
import shutil
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from sam2_session.core.errors import SessionError
from sam2_session.core.events import EventBus
from sam2_session.formats.format_detection import read_import
from sam2_session.inference.loading import load_network
from sam2_session.services.videos.info import VideoState
from sam2_session.services.videos.service import VideoService
from sam2_session.storage.workspace import Workspace
from tests.annotating import make_moving_clip
from tests.clips import make_clip
from tests.formats.test_mutations import CHOICES, FACTS, assert_is_told, decode_some
from tests.import_graph import ROOT
from tests.siege.attack import Attack
from tests.siege.mutated import mutated_files
from tests.video_steps import wait_until

AT_ONCE = 100  # videos in one folder
PEOPLE = 6  # who open them at once
ENDED = (VideoState.READY, VideoState.FAILED)
DEMO = ROOT / "checkpoints" / "sam2.1_hiera_demo.pt"
CONFIG = ROOT / "configs" / "sam2.1" / "sam2.1_hiera_demo.yaml"


def imports(run: Attack) -> None:
    """Read changed files of every format; only plans, questions and named errors may come."""
    for name, path, dice in mutated_files(run):
        try:
            with read_import(path, FACTS, CHOICES) as plan:
                assert_is_told(plan)
                decode_some(plan, dice)
        except SessionError:
            pass
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            run.found.append(f"import, {name}: {error!r}"[:400])


def containers(run: Attack) -> None:
    """Open changed videos and ZIPs of pictures; each becomes frames or an error."""
    originals = _sources(run.folder / "originals")
    while run.done < run.count:
        batch = min(AT_ONCE, run.count - run.done)
        folder = run.folder / f"containers{run.done}"
        workspace = Workspace(folder / "videos", folder / "outputs")
        workspace.videos_dir.mkdir(parents=True)
        for number in range(batch):
            original = run.dice.choice(originals)
            content = bytearray(original.read_bytes())
            change(content, run.dice)
            (workspace.videos_dir / f"v{number}{original.suffix}").write_bytes(content)
        _open_all(run, workspace)
        run.done += batch
        if not run.found:
            shutil.rmtree(folder)


def _open_all(run: Attack, workspace: Workspace) -> None:
    service = VideoService(workspace, EventBus())
    service.start()
    try:
        names = [video["video_id"] for video in service.list()]
        with ThreadPoolExecutor(PEOPLE) as people:
            list(people.map(service.open, names))
        wait_until(lambda: all(service.info(name).state in ENDED for name in names))
        for name in names:
            info = service.info(name)
            whole = (
                info.state is VideoState.READY and service.frames.read(name, 0)[:2] == b"\xff\xd8"
            )
            named = info.error is not None and info.error.code != "internal_error"
            run.check(whole or named, f"container {workspace.videos_dir}/{info.name}: {info}"[:400])
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        run.found.append(f"containers in {workspace.videos_dir}: {error!r}"[:400])
    finally:
        service.close()


def checkpoints(run: Attack) -> None:
    """Load changed checkpoints, and pickles that would run a program."""
    _load(DEMO)  # whole, it must load
    canary = run.folder / "canary"
    path = run.folder / "changed.pt"
    whole = DEMO.read_bytes()
    while run.done < run.count:
        kind = run.dice.randrange(4)
        if kind == 0:
            path.write_bytes(pickle.dumps({"model": _Canary(canary)}))
        else:
            content = bytearray(whole)
            change(content, run.dice)
            path.write_bytes(content)
        try:
            _load(path)
        except SessionError:
            pass
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            run.found.append(f"checkpoint {run.done}: {error!r}"[:400])
        run.check(not canary.exists(), f"checkpoint {run.done}: its pickle was run")
        run.done += 1


def _load(path: Path) -> None:
    load_network(CONFIG, path, image_size=192, name="siege", device="cpu", precision="fp32")


class _Canary:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self._path,))


def change(content: bytearray, dice: random.Random) -> None:
    """Overwrite some bytes, often in the head; now and then cut, repeat or fill a stretch."""
    for _ in range(dice.choice((1, 3, 10, 100))):
        limit = len(content) if dice.random() < 0.5 else min(len(content), 2000)
        content[dice.randrange(limit)] = dice.randrange(256)
    start = dice.randrange(len(content))
    stretch = dice.randrange(1, 5000)
    kind = dice.randrange(8)
    if kind == 0:
        del content[start:]
    elif kind == 1:
        content[start:start] = content[start : start + stretch]
    elif kind == 2:
        content[start : start + stretch] = bytes(len(content[start : start + stretch]))


def _sources(folder: Path) -> list[Path]:
    """A few small videos, and ZIPs of pictures."""
    folder.mkdir()
    found = [make_moving_clip(folder / "moving.mp4", 12)]
    found += [make_clip(folder / f"clip.{suffix}") for suffix in ("mp4", "mkv", "avi", "mov")]
    noise = np.random.default_rng(1).integers(0, 255, (48, 64, 3)).astype(np.uint8)
    for suffix in ("png", "jpg", "tiff", "webp", "bmp"):
        data = cv2.imencode(f".{suffix}", noise)[1].tobytes()
        with zipfile.ZipFile(folder / f"{suffix}.zip", "w") as archive:
            for number in range(3):
                archive.writestr(f"{number:05d}.{suffix}", data)
        found.append(folder / f"{suffix}.zip")
    return found
