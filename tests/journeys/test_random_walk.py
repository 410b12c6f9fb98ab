"""Undo and redo after anything, in any order, across restarts: always the same bytes."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from sam2_session.settings import Settings
from tests.annotating import SIZE, Annotator, annotating, mask_bytes, points_json, settings_of

FRAMES = (0, 4, 8)  # after the run of the walk they are tracked
STEPS = 80
EDITS = (
    "add_point",
    "add_point",
    "add_point",
    "move_point",
    "remove_point",
    "set_box",
    "clear_frame",
    "set_mask",
)


class Walker:
    """One annotator who does random things, and a model of what undo must bring back."""

    def __init__(self, settings: Settings, seed: int, *, runs: float = 0.0) -> None:
        self.settings = settings
        self.runs_above = 1 - runs
        self.dice = random.Random(seed)
        self.done: dict[int, list[tuple[bytes, Any]]] = {idx: [] for idx in FRAMES}
        self.undone: dict[int, list[tuple[bytes, Any]]] = {idx: [] for idx in FRAMES}

    def look(self, frame_idx: int) -> tuple[bytes, Any]:
        """Read a frame from the disk: the mask's bytes and the prompts."""
        path = self.settings.outputs_dir / "clip/instance1/points_overall.json"
        frames = points_json(self.settings)["frames"] if path.exists() else []
        prompts = [frame for frame in frames if frame["frame_idx"] == frame_idx]
        return mask_bytes(self.settings, frame_idx), prompts

    def walk(self, ada: Annotator, steps: int) -> None:
        for _ in range(steps):
            frame_idx = self.dice.choice(FRAMES)
            roll = self.dice.random()
            if roll > self.runs_above:
                self.run(ada)
            elif roll < 0.3:
                self.step(ada, "undo", frame_idx, self.done, self.undone)
            elif roll < 0.5:
                self.step(ada, "redo", frame_idx, self.undone, self.done)
            else:
                self.edit(ada, frame_idx)

    def edit(self, ada: Annotator, frame_idx: int) -> None:
        event = self.dice.choice(EDITS)
        before = self.look(frame_idx)
        ack = ada.act(event, frame_idx, **self.arguments(event))
        if ack["status"] == "applied":
            self.done[frame_idx].append(before)
            self.undone[frame_idx].clear()
        else:
            assert ack["error"]["code"] in ("nothing_to_do", "invalid_prompt"), ack
            assert self.look(frame_idx) == before

    def step(self, ada: Annotator, kind: str, frame_idx: int, source: Any, target: Any) -> None:
        before = self.look(frame_idx)
        ack = ada.act(kind, frame_idx)
        assert (ack["status"] == "applied") == bool(source[frame_idx]), ack
        if source[frame_idx]:
            assert self.look(frame_idx) == source[frame_idx].pop(), (kind, frame_idx)
            target[frame_idx].append(before)

    def run(self, ada: Annotator) -> None:
        """A run changes masks, never what a person did before it."""
        human = {idx: self.look(idx) for idx in FRAMES if self.look(idx)[1]}
        ack = ada.send("propagate", video_id="clip", pairs="all", direction="both", force=True)
        if ack["status"] == "applied":
            assert ada.job_ended(ack["job_id"])["state"] == "done"
        assert {idx: self.look(idx) for idx in human} == human

    def undo_everything(self, ada: Annotator) -> None:
        for frame_idx in FRAMES:
            while self.done[frame_idx]:
                self.step(ada, "undo", frame_idx, self.done, self.undone)

    def arguments(self, event: str) -> dict[str, Any]:
        x, y = self.dice.uniform(0, SIZE[0]), self.dice.uniform(0, SIZE[1])
        if event == "add_point":
            return {"x": x, "y": y, "label": int(self.dice.random() < 0.7)}
        if event == "move_point":
            return {"x": x, "y": y, "point_idx": self.dice.randrange(3)}
        if event == "remove_point":
            return {"point_idx": self.dice.randrange(3)}
        if event == "set_box":
            gone = self.dice.random() < 0.2
            return {"box": None if gone else [x / 2, y / 2, x / 2 + 20, y / 2 + 20]}
        return {"mask": drawn_mask(int(x), int(y))} if event == "set_mask" else {}


def drawn_mask(x: int, y: int) -> bytes:
    image = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    cv2.circle(image, (x, y), 12, 255, -1)
    return cv2.imencode(".png", image)[1].tobytes()


@pytest.mark.parametrize("seed", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_whatever_was_done_can_be_taken_back_and_done_again(tmp_path: Path, seed: int) -> None:
    settings = settings_of(tmp_path)
    walker = Walker(settings, seed)
    with annotating(settings) as ada:
        ada.open()
        walker.walk(ada, STEPS)
    with annotating(settings, first_seq=1000) as ada:
        ada.open()
        walker.walk(ada, STEPS // 2)
        walker.undo_everything(ada)
        untouched = [walker.look(idx) for idx in FRAMES]
    assert untouched == [(b"", [])] * 3


@pytest.mark.parametrize("seed", [4, pytest.param(5, marks=pytest.mark.slow)])
def test_on_tracked_frames_the_propagated_mask_comes_back(tmp_path: Path, seed: int) -> None:
    settings = settings_of(tmp_path)
    walker = Walker(settings, seed)
    with annotating(settings) as ada:
        ada.open()
        ada.click(2, 34, 30)
        ada.propagate(direction="both")
        tracked = [walker.look(idx) for idx in FRAMES]
        walker.walk(ada, STEPS)
    with annotating(settings, first_seq=1000) as ada:
        ada.open()
        walker.walk(ada, STEPS)
        walker.undo_everything(ada)
        assert [walker.look(idx) for idx in FRAMES] == tracked


@pytest.mark.parametrize("seed", [6, pytest.param(7, marks=pytest.mark.slow)])
def test_runs_between_the_changes_confuse_nothing(tmp_path: Path, seed: int) -> None:
    settings = settings_of(tmp_path)
    walker = Walker(settings, seed, runs=0.1)
    with annotating(settings) as ada:
        ada.open()
        walker.walk(ada, STEPS)
    with annotating(settings, first_seq=1000) as ada:
        ada.open()
        walker.walk(ada, STEPS // 2)
        walker.undo_everything(ada)
        for frame_idx in FRAMES:
            assert ada.act("undo", frame_idx)["error"]["code"] == "nothing_to_do"
