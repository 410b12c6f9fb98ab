"""Configurations in which the demo model takes a smaller input: a third of the work."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
SMALL = 192  # pixels, instead of 384


def small_configs(folder: Path) -> Path:
    """Write a folder configs/ into `folder`, as the repository's but for the smaller input."""
    configs = folder / "configs"
    if not configs.exists():
        models = yaml.safe_load((ROOT / "configs/models.yaml").read_text(encoding="utf-8"))
        configs.mkdir(parents=True)
        shutil.copy(ROOT / "configs/regions.yaml", configs)
        rows = [{**models["models"][0], "image_size": SMALL}, *models["models"][1:]]
        (configs / "models.yaml").write_text(yaml.safe_dump({"models": rows}), encoding="utf-8")
    return configs
