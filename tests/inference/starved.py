"""An engine in a process with too little memory: ``python -m tests.inference.starved FOLDER``.

Prints as JSON what it found. Frames are those of FOLDER, for every video.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import torch

from sam2_session.core.errors import OutOfMemory
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.inference.scheduler import Priority
from sam2_session.inference.seeds import SessionSeed
from sam2_session.storage.layered_log import LayeredLog
from tests.inference.conftest import NUM_FRAMES, SIZE_HW, load_demo
from tests.inference.driving import BODY, DISC, Ours

SPARE_MIB = 16  # for encoding a frame and keeping a few dozen of a quarter MiB each
IMAGE_SIZE = 256  # pixels
VIDEOS = 4


def main() -> None:
    folder = Path(sys.argv[1])
    torch.set_num_threads(1)
    known: dict[SessionKey, dict[int, Prediction]] = {}
    engine = make_engine(folder, known)
    body, idle = Ours(engine, BODY), Ours(engine, DISC)
    known |= {BODY: body.predictions, DISC: idle.predictions}
    try:
        sys.stdout.write(json.dumps(starve(engine, body, idle)))
    finally:
        engine.close()


def starve(engine: Engine, body: Ours, idle: Ours) -> dict[str, Any]:
    """The cache fills until there is no memory for the next frame; then a run goes on."""
    body.click(0, 30, 35, 1)
    roomy = body.propagate(range(12))
    idle.click(0, 120, 65, 1)

    limit(mib("VmSize") + SPARE_MIB)
    look_at_everything(engine)
    found = {
        "encoded": engine.features.encoded,
        "held": len(engine.features._entries),
        "left": [key.region for key in engine._sessions],
    }
    tight = body.propagate(range(12))
    found["same"] = all((roomy[idx] == tight[idx]).all() for idx in roomy)
    return found | hopeless(engine, body)


def hopeless(engine: Engine, body: Ours) -> dict[str, Any]:
    """Too little memory even when everything else has left; afterwards enough again."""
    body.do(engine._free_memory)
    limit(mib("VmSize") + 1)
    try:
        body.do(lambda: engine.look_at("another", 0))
        code = "none"
    except OutOfMemory as error:
        code = error.code
    limit(None)
    return {"code": code, "goes_on": sorted(body.propagate(range(12, 14)))}


def look_at_everything(engine: Engine) -> None:
    for video in range(VIDEOS):
        for frame_idx in range(NUM_FRAMES):
            task = lambda v=video, i=frame_idx: engine.look_at(f"v{v}", i)  # noqa: E731
            engine.submit(Priority.STEP, task).result()


def make_engine(folder: Path, known: dict[SessionKey, dict[int, Prediction]]) -> Engine:
    network = load_demo(image_size=IMAGE_SIZE)

    def seed(key: SessionKey) -> SessionSeed:
        path = folder / f".track_{key.region}"
        log = LayeredLog(path, network.signature, network.logits_hw, network.pointer_channels)
        return SessionSeed(SIZE_HW, NUM_FRAMES, log, dict(known[key]), dict(known[key]))

    return Engine(
        network,
        seed=seed,
        frame_path=lambda _, frame_idx: folder / f"{frame_idx + 1:05d}.jpg",
        feature_cache_bytes=1 << 40,
        session_memory_bytes=1 << 40,
    )


def mib(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) >> 10
    raise KeyError(name)


def limit(to_mib: int | None) -> None:
    size = resource.RLIM_INFINITY if to_mib is None else to_mib << 20
    resource.setrlimit(resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
