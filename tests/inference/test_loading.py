"""A file that is no checkpoint is refused by name, and nothing in it is run."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.errors import ModelUnavailable
from sam2_session.inference.loading import load_network
from tests.import_graph import ROOT

DEMO = ROOT / "checkpoints" / "sam2.1_hiera_demo.pt"
CONFIG = ROOT / "configs" / "sam2.1" / "sam2.1_hiera_demo.yaml"


class Canary:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self._path,))


@pytest.mark.parametrize("kind", ["pickle", "text", "half", "names of noise"])
def test_a_damaged_checkpoint_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    path, canary = tmp_path / "weights.pt", tmp_path / "canary"
    whole = DEMO.read_bytes()
    contents = {
        "pickle": pickle.dumps({"model": Canary(canary)}, protocol=2),
        "text": b"hello",
        "half": whole[: len(whole) // 2],
        "names of noise": whole.replace(b"image_encoder.trunk.blocks.0", b"\xff" * 28),
    }
    path.write_bytes(contents[kind])

    with pytest.raises(ModelUnavailable, match="The checkpoint of demo does not load"):
        load_network(CONFIG, path, image_size=192, name="demo", device="cpu", precision="fp32")

    assert not canary.exists()
