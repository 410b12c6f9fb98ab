"""Reads the models that can be chosen from configs/models.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sam2_session.core.errors import InvalidConfig, ModelNotFound
from sam2_session.folders import RESOURCES

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
OWN_CONFIGS = RESOURCES / "configs"
SHA256 = re.compile(r"[0-9a-f]{64}")
SIZE_STEP = 32  # pixels: Hiera's windows are 8 cells of 4 pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """One row of models.yaml: a model's configuration and its checkpoint.

    `config` is the configuration's name for Hydra. `own_config` is its file if this repository has
    one; otherwise it comes from the sam2 package. `image_size` is the side of the network's square
    input in pixels, or None for the configuration's.
    """

    name: str
    config: str
    checkpoint: str
    url: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    image_size: int | None = None
    gflops: float | None = None  # work of a tracked frame of one pair
    demo: bool = False
    label: str = ""
    own_config: Path | None = None

    def __post_init__(self) -> None:
        _require(bool(NAME.fullmatch(self.name)), self.name, "name")
        _require(bool(NAME.fullmatch(self.checkpoint)), self.name, "checkpoint")
        _require(self.url is None or self.url.startswith(("https://", "http://")), self.name, "url")
        _require(self.bytes is None or self.bytes > 0, self.name, "bytes")
        _require(self.sha256 is None or bool(SHA256.fullmatch(self.sha256)), self.name, "sha256")
        _require(self.gflops is None or self.gflops > 0, self.name, "gflops")
        size = SIZE_STEP if self.image_size is None else self.image_size
        _require(size > 0 and size % SIZE_STEP == 0, self.name, "image_size")


class Registry:
    """All models by name, in file order; the first is the default."""

    def __init__(self, specs: list[ModelSpec]) -> None:
        if not specs:
            raise InvalidConfig("models.yaml names no model.", hint="Add a row under `models:`.")
        self._specs = {spec.name: spec for spec in specs}
        if len(self._specs) < len(specs):
            raise InvalidConfig("models.yaml names a model twice.", hint="Make the names differ.")

    @classmethod
    def load(cls, configs_dir: Path) -> Registry:
        """Read configs/models.yaml. Raises InvalidConfig."""
        path = configs_dir / "models.yaml"
        try:
            rows = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
            return cls([_spec(row, configs_dir) for row in rows])
        except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
            raise InvalidConfig(
                f"{path.name} cannot be read: {error}.",
                hint="It holds a list `models:` of rows with name, config and checkpoint.",
            ) from error

    def get(self, name: str) -> ModelSpec:
        """Find a model by name. Raises ModelNotFound, which lists the names."""
        if name not in self._specs:
            raise ModelNotFound(name, self.names)
        return self._specs[name]

    @property
    def default(self) -> ModelSpec:
        """The model used without --model."""
        return next(iter(self._specs.values()))

    @property
    def names(self) -> list[str]:
        """All names, in file order."""
        return list(self._specs)

    @property
    def specs(self) -> list[ModelSpec]:
        """All models, in file order."""
        return list(self._specs.values())


def _spec(row: Mapping[str, Any], configs_dir: Path) -> ModelSpec:
    inside = Path(row["config"]).relative_to("configs")
    candidates = (configs_dir / inside, OWN_CONFIGS / inside)  # a user's folder may lack the file
    own = next((path.resolve() for path in candidates if path.is_file()), None)
    return ModelSpec(**row, own_config=own)


def _require(holds: bool, name: str, field: str) -> None:
    if not holds:
        raise InvalidConfig(
            f"The model {name!r} has a bad {field}.", hint="Correct its row in configs/models.yaml."
        )
