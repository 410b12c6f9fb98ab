from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sam2_session.models.checkpoints import CheckpointStore
from sam2_session.models.download import RetryPolicy
from sam2_session.models.registry import ModelSpec
from tests.models.file_server import Behaviour, serve

DATA = bytes(range(256)) * 1024  # 256 KiB


@pytest.fixture
def store(tmp_path: Path) -> CheckpointStore:
    return CheckpointStore(tmp_path, retry=RetryPolicy(attempts=3, backoff_s=0.01, timeout_s=5))


@pytest.fixture
def served() -> Iterator[Callable[..., tuple[ModelSpec, Behaviour]]]:
    """Serve DATA or other data; return (its spec, the server's behaviour)."""
    with ExitStack() as stack:

        def start(spec: dict[str, Any] | None = None, **kind: Any) -> tuple[ModelSpec, Behaviour]:
            behaviour = Behaviour(kind.pop("data", DATA), **kind)
            url = stack.enter_context(serve(behaviour))
            return model_spec(url=url, **(spec or {})), behaviour

        yield start


def model_spec(**changes: Any) -> ModelSpec:
    row = {
        "name": "model",
        "config": "configs/model.yaml",
        "checkpoint": "model.pt",
        "bytes": len(DATA),
        "sha256": hashlib.sha256(DATA).hexdigest(),
    }
    return ModelSpec(**(row | changes))
