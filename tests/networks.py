"""Reads each checkpoint once per process: services that tests build get copies of the network."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.core.global_hydra import GlobalHydra
from sam2 import build_sam

_build = build_sam.build_sam2_video_predictor
_built: dict[tuple[Any, ...], torch.nn.Module] = {}


@contextmanager
def built_once() -> Iterator[None]:
    """Let `load_network` read each checkpoint once for the same settings, until the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_sam, "build_sam2_video_predictor", _copy_of_built)
        yield


def _copy_of_built(config: str, weights: str | None, **settings: Any) -> torch.nn.Module:
    if weights is None:  # random, and different each time
        return _build(config, weights, **settings)  # type: ignore[no-any-return]
    file = Path(weights).stat()
    found = str(GlobalHydra.instance().config_loader().get_search_path())
    key = (found, config, weights, file.st_mtime_ns, file.st_size, str(settings))
    if key not in _built:
        _built[key] = _build(config, weights, **settings)
    return _copy(_built[key])


def _copy(network: torch.nn.Module) -> torch.nn.Module:
    """Modules of its own, over the same weights: nobody writes into those."""
    shared: dict[int, Any] = {}
    for weight in network.parameters():
        shared[id(weight)] = torch.nn.Parameter(weight.data, weight.requires_grad)
    for buffer in network.buffers():
        shared[id(buffer)] = buffer
    return copy.deepcopy(network, shared)
