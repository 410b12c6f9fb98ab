"""Runs operations of several people at once; prints which locks were taken while which was held."""

from __future__ import annotations

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sam2_session.core.errors import SessionError
from sam2_session.lock_order import LOCK_ORDER
from tests.annotating import BODY, Annotator, annotating, make_moving_clip, settings_of

VIDEOS = 4
ROUNDS = 6
refused: Counter[str] = Counter()


def do(ada: Annotator, name: str, /, **fields: Any) -> Any:
    """Run an operation; count a refusal and go on: the others delete and cancel meanwhile."""
    try:
        return ada.call(name, **fields)
    except SessionError as error:
        refused[f"{name}: {error.message}"] += 1
        return None


def annotate(ada: Annotator, video_id: str) -> None:
    """Click, run, export, delete and bring back, as a person does."""
    pair = {"video_id": video_id, "instance_id": 1, "region": "overall"}
    point = {"x": BODY[0], "y": BODY[1], "label": 1}
    for number in range(ROUNDS):
        do(ada, "extract_video", video_id=video_id)
        do(ada, "add_points", **pair, frame_idx=number, points=[point])
        do(ada, "create_instance", video_id=video_id)
        do(ada, "start_export", video_id=video_id, format="coco")
        started = do(ada, "propagate", **pair)
        do(ada, "list_masks", **pair)
        do(ada, "mend_video", video_id=video_id)
        if started:
            do(ada, "cancel", job_id=started["job_id"])
        do(ada, "undo", **pair, frame_idx=number)
        do(ada, "drop_masks", **pair)
        if deleted := do(ada, "delete_video", video_id=video_id):
            do(ada, "list_trash")
            do(ada, "restore_video", trash_id=deleted["trash_id"])


def edit_lists(ada: Annotator) -> None:
    """Change what all videos share."""
    for number in range(4 * ROUNDS):
        do(ada, "add_region", label=f"Region {number}")
        do(ada, "create_batch", name=f"b{number}", video_ids=["v0", "v1"])
        for name in ("list_videos", "list_batches", "list_jobs", "server_status"):
            do(ada, name)
        do(ada, "delete_region", region=f"region_{number}")


def main(folder: Path) -> int:
    settings = settings_of(folder)
    settings.videos_dir.mkdir(parents=True)
    for number in range(VIDEOS):
        make_moving_clip(settings.videos_dir / f"v{number}.mp4")
    with annotating(settings) as ada, ThreadPoolExecutor(VIDEOS + 1) as people:
        ada.open("v0")  # the model is loaded by then
        work = [people.submit(annotate, ada, f"v{number}") for number in range(VIDEOS)]
        for future in [*work, people.submit(edit_lists, ada)]:
            future.result()
    for outer, inner in sorted(LOCK_ORDER.edges().items()):
        sys.stdout.write(f"{outer}: {', '.join(sorted(inner))}\n")
    sys.stdout.write("".join(f"{count} x {text}\n" for text, count in refused.items()))
    sys.stdout.write(f"{len(LOCK_ORDER.edges())} locks in one order\n")
    return len(LOCK_ORDER.circles)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
