"""Saves a training run so that it can resume after a kill, and writes its checkpoint."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

AVERAGE_HORIZON = 0.998  # decay of the running mean of the weights, which becomes the checkpoint


@dataclass(slots=True)
class RunState:
    """Everything a run needs to resume."""

    network: Any
    optimizer: torch.optim.Optimizer
    average: dict[str, torch.Tensor]
    step: int = 0
    frames: int = 0
    elapsed_s: float = 0.0

    @torch.no_grad()
    def update_average(self) -> None:
        """Move the mean of the weights towards the current ones, quickly at first."""
        keep = min(AVERAGE_HORIZON, (1 + self.step) / (20 + self.step))
        for name, value in self.network.state_dict().items():
            if value.dtype.is_floating_point:
                self.average[name].lerp_(value, 1 - keep)

    def save(self, path: Path) -> None:
        """Write the snapshot, replacing the previous one only when complete."""
        _save(
            path,
            {
                "network": self.network.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "average": self.average,
                "step": self.step,
                "frames": self.frames,
                "elapsed_s": self.elapsed_s,
            },
        )

    def load(self, path: Path) -> None:
        """Restore a snapshot."""
        kept = torch.load(path, map_location="cpu", weights_only=True)
        self.network.load_state_dict(kept["network"])
        self.optimizer.load_state_dict(kept["optimizer"])
        for name, value in kept["average"].items():
            self.average[name].copy_(value)
        self.step, self.frames = kept["step"], kept["frames"]
        self.elapsed_s = kept["elapsed_s"]


def export_checkpoint(average: dict[str, torch.Tensor], path: Path) -> None:
    """Write a checkpoint for `build_sam2_video_predictor`: ``{"model": state}``, in half floats."""
    state = {
        name: value.half() if value.dtype == torch.float32 else value.clone()
        for name, value in average.items()
    }
    _save(path, {"model": state})


def load_checkpoint(path: Path) -> dict[str, torch.Tensor]:
    """Read the weights of a checkpoint as full floats."""
    state = torch.load(path, map_location="cpu", weights_only=True)["model"]
    return {
        name: value.float() if value.is_floating_point() else value for name, value in state.items()
    }


def _save(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        torch.save(content, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
