"""Folders of configs and checkpoints for a model of another input size, or without a checkpoint."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
import yaml

from benchmarks.scenes import ROOT
from benchmarks.sides import load
from sam2_session.inference.network import Network
from sam2_session.models.registry import ModelSpec, Registry


def model_folders(folder: Path, model: str, image_size: int | None) -> dict[str, Any]:
    """Return the options that name both folders; what has to differ is made in `folder`.

    `image_size`, in pixels, replaces the model's own input size. A model whose checkpoint is not
    here gets fixed random weights.
    """
    checkpoints, configs = ROOT / "checkpoints", ROOT / "configs"
    spec = Registry.load(configs).get(model)
    if not (checkpoints / spec.checkpoint).exists():
        options = random_folders(folder, spec, load(spec, "cpu", "fp32"))
        configs = options["configs_dir"]
    else:
        options = {"configs_dir": configs, "checkpoints_dir": checkpoints}
    if image_size:
        options["configs_dir"] = _with_input(configs, folder / "resized", model, image_size)
    return options


def random_folders(folder: Path, spec: ModelSpec, network: Network) -> dict[str, Any]:
    """Save the network's weights as the model's checkpoint, in a registry of this model alone."""
    configs, checkpoints = folder / "configs", folder / "checkpoints"
    configs.mkdir(parents=True)
    checkpoints.mkdir()
    torch.save({"model": network.model.state_dict()}, checkpoints / spec.checkpoint)
    shutil.copyfile(ROOT / "configs" / "regions.yaml", configs / "regions.yaml")
    row = {"name": spec.name, "config": spec.config, "checkpoint": spec.checkpoint}
    rows = {"models": [{**row, "image_size": spec.image_size}]}
    (configs / "models.yaml").write_text(yaml.safe_dump(rows), encoding="utf-8")
    return {"configs_dir": configs, "checkpoints_dir": checkpoints}


def _with_input(configs: Path, folder: Path, model: str, image_size: int) -> Path:
    shutil.copytree(configs, folder)
    models = yaml.safe_load((folder / "models.yaml").read_text(encoding="utf-8"))
    for row in models["models"]:
        if row["name"] == model:
            row["image_size"] = image_size
    (folder / "models.yaml").write_text(yaml.safe_dump(models), encoding="utf-8")
    return folder
