"""A preview gives the mask that the same prompts would lead to, and leaves no trace."""

from __future__ import annotations

import base64
import hashlib
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sam2_session.core.errors import Conflict, FrameNotFound, InstanceNotFound, InvalidPrompt
from sam2_session.core.png import encode_gray8
from sam2_session.inference.scheduler import Priority
from sam2_session.settings import Settings
from tests.annotating import BODY, DISC, Annotator, device_held, mask_array, mask_bytes

PAIR = {"video_id": "clip", "instance_id": 1, "region": "overall"}
CLICKS = [
    {"x": BODY[0], "y": BODY[1], "label": 1},
    {"x": DISC[0], "y": DISC[1], "label": 0},
    {"x": 40.0, "y": 20.0, "label": 1},
]


def previewed(ada: Annotator, frame_idx: int, **prompts: Any) -> Any:
    """The previewed mask, and the answer it came in."""
    answer = ada.call("preview", **PAIR, frame_idx=frame_idx, **prompts)
    mask = cv2.imdecode(np.frombuffer(answer["png"], np.uint8), cv2.IMREAD_UNCHANGED)
    assert answer["area"] == np.count_nonzero(mask)
    return mask, answer


def put(ada: Annotator, frame_idx: int, **prompts: Any) -> Any:
    return ada.call("replace_prompts", **PAIR, frame_idx=frame_idx, **prompts)["mask"]


def files_of(settings: Settings) -> dict[str, str]:
    """The digest of every file of the annotations, but for the database's journal."""
    folder = settings.outputs_dir / "clip"
    return {str(path.relative_to(folder)): digest_of(path) for path in folder.rglob("*.*")
            if path.is_file() and "sqlite3" not in path.name}  # fmt: skip


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("box", [None, [8.0, 10.0, 62.0, 50.0]])
def test_a_preview_is_the_mask_that_the_same_prompts_lead_to(
    ada: Annotator, settings: Settings, box: list[float] | None
) -> None:
    mask, answer = previewed(ada, 2, points=CLICKS, box=box)

    saved = put(ada, 2, points=CLICKS, box=box)

    assert (mask == mask_array(settings, 2)).all()
    assert (answer["score"], answer["area"], answer["box"]) == (
        saved["score"], saved["area"], saved["box"],
    )  # fmt: skip
    assert answer["area"] > 0


def test_nothing_of_a_preview_is_stored_or_announced(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    files, prompts = files_of(settings), ada.call("get_prompts", **PAIR)
    masks, announced = ada.call("list_masks", **PAIR), len(ada.events)

    previewed(ada, 0, points=CLICKS)
    previewed(ada, 7, points=CLICKS)

    assert files_of(settings) == files
    assert ada.call("get_prompts", **PAIR) == prompts
    assert ada.call("list_masks", **PAIR) == masks
    assert len(ada.events) == announced


def test_a_preview_refines_what_a_run_found_and_the_live_session_stays(
    ada: Annotator, settings: Settings
) -> None:
    ada.click(0, *BODY)
    ada.propagate(direction="forward")
    tracked = mask_bytes(settings, 6)

    mask, _ = previewed(ada, 6, points=CLICKS[1:])
    again, _ = previewed(ada, 6, points=CLICKS[1:])
    alone, _ = previewed(ada, 6, points=CLICKS)

    assert mask_bytes(settings, 6) == tracked
    assert (mask == again).all()
    put(ada, 6, points=CLICKS[1:])
    assert (mask_array(settings, 6) == mask).all()
    put(ada, 6, points=CLICKS)
    assert (mask_array(settings, 6) == alone).all()


def test_a_given_mask_is_refined(ada: Annotator, settings: Settings) -> None:
    painted = np.zeros((96, 160), np.bool_)
    painted[10:50, 10:60] = True
    png = encode_gray8(painted)

    mask, _ = previewed(ada, 3, points=CLICKS, mask=base64.b64encode(png).decode())

    ada.call("set_mask", **PAIR, frame_idx=3, mask=png)
    put(ada, 3, points=CLICKS)
    assert (mask_array(settings, 3) == mask).all()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"points": []}, InvalidPrompt),
        ({"points": [{"x": 900, "y": 1, "label": 1}]}, InvalidPrompt),
        ({"box": [10, 10, 5, 5]}, InvalidPrompt),
        ({"mask": "no base64!"}, InvalidPrompt),
        ({"mask": "aGVsbG8="}, InvalidPrompt),
        ({"frame_idx": 99}, FrameNotFound),
        ({"instance_id": 9}, InstanceNotFound),
    ],
)
def test_a_preview_of_nothing_is_refused(
    ada: Annotator, change: dict[str, Any], error: type[Exception]
) -> None:
    fields = {**PAIR, "frame_idx": 0, "points": CLICKS, **change}

    with pytest.raises(error):
        ada.call("preview", **fields)


def tried(ada: Annotator, frame_idx: int, x: float, y: float, label: int = 1) -> Any:
    answer = ada.call("try_click", **PAIR, frame_idx=frame_idx, x=x, y=y, label=label)
    return cv2.imdecode(np.frombuffer(answer["data"], np.uint8), cv2.IMREAD_UNCHANGED)


def test_a_tried_click_gives_the_mask_of_that_click_and_stores_nothing(
    ada: Annotator, settings: Settings
) -> None:
    with pytest.raises(Conflict):  # nobody has looked at that frame
        tried(ada, 5, *BODY)
    ada.click(2, *BODY)
    before, known = files_of(settings), ada.call("get_prompts", **PAIR)

    further = tried(ada, 2, *DISC, 0)
    after = files_of(settings), ada.call("get_prompts", **PAIR)
    ada.click(2, *DISC, 0)

    assert (further == mask_array(settings, 2)).all()
    assert after == (before, known)


def test_a_first_click_is_tried_on_what_a_run_found(ada: Annotator, settings: Settings) -> None:
    ada.click(0, *BODY)
    ada.propagate()

    first = tried(ada, 6, 30, 40, 0)
    ada.click(6, 30, 40, 0)

    assert (first == mask_array(settings, 6)).all()


def test_a_click_waits_for_one_tried_click_at_most(ada: Annotator) -> None:
    """Tried clicks wait for the device to be quiet; the one under way takes one decoder."""
    ada.click(2, *BODY)
    engine, ran = ada.services._slot.get(), list[str]()

    def note(name: str) -> None:
        ran.append(name)

    with device_held(ada):
        tries = [engine.submit(Priority.IDLE, partial(note, "try")) for _ in range(3)]
        click = engine.submit(Priority.CLICK, partial(note, "click"))
    click.result(60)
    tries[-1].result(60)

    assert ran == ["click", "try", "try", "try"]
