"""Caches and idle sessions are dropped when memory runs out, and the task runs once more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest
import torch

from sam2_session.core.errors import OutOfMemory
from sam2_session.inference.out_of_memory import MemoryRetry, is_out_of_memory
from tests.inference.driving import BODY, Ours

ROOT = Path(__file__).parents[2]
TOO_MUCH = 1 << 60  # bytes


def test_a_task_that_runs_out_of_memory_runs_again_once_some_is_free() -> None:
    sizes = [TOO_MUCH]
    retry = MemoryRetry(lambda: sizes.append(8))

    assert retry.run(lambda: torch.zeros(sizes[-1], dtype=torch.uint8)).shape == (8,)


def test_a_task_that_never_fits_fails_by_name_after_two_tries() -> None:
    tries: list[int] = []
    retry = MemoryRetry(lambda: None)

    with pytest.raises(OutOfMemory, match="not enough memory for the model's work") as raised:
        retry.run(lambda: tries.append(1) or torch.empty(TOO_MUCH))

    assert len(tries) == 2
    assert "smaller model" in raised.value.hint
    assert "--feature-cache-mb" in raised.value.hint
    assert "--device cpu" in raised.value.hint


def test_other_errors_are_not_tried_again() -> None:
    tries: list[int] = []

    with pytest.raises(RuntimeError, match="must match the size"):
        MemoryRetry(lambda: None).run(lambda: tries.append(1) or torch.ones(2) + torch.ones(3))

    assert tries == [1]


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), True),
        (MemoryError(), True),
        (RuntimeError("mat1 and mat2 must have the same dtype"), False),
        (OSError("No space left on device"), False),
    ],
)
def test_memory_that_ran_out_has_many_names(error: Exception, is_one: bool) -> None:
    assert is_out_of_memory(error) is is_one


def test_a_failed_task_holds_no_memory_while_some_is_freed() -> None:
    held: list[weakref.ref[torch.Tensor]] = []
    alive: list[bool] = []

    def task() -> torch.Tensor:
        allocated = torch.ones(8)
        held.append(weakref.ref(allocated))
        return torch.cat([allocated, torch.empty(TOO_MUCH)])

    retry = MemoryRetry(lambda: alive.append(held[0]() is not None))
    with pytest.raises(OutOfMemory):
        retry.run(task)

    assert alive == [False]


def test_a_session_that_leaves_frees_its_memories_at_once(make_engine: Any) -> None:
    engine = make_engine()
    ours = Ours(engine, BODY)
    ours.click(0, 30, 35, 1)
    ours.propagate(range(4))
    session = engine.session(BODY)
    outputs = [*session._bank._ring.values(), *session._conditioned.values()]
    memories = [weakref.ref(output._memory) for output in outputs]
    del outputs, session

    ours.do(lambda: engine.drop_session(BODY))

    assert len(memories) == 4
    assert [memory() for memory in memories] == [None] * 4


def test_after_running_out_half_as_many_frames_are_held(make_engine: Any) -> None:
    engine = make_engine(feature_cache_bytes=1 << 30)
    ours = Ours(engine, BODY)
    ours.do(lambda: [engine.look_at("v", idx) for idx in range(20)])

    ours.do(engine._free_memory)
    assert engine.features.nbytes == 0
    ours.do(lambda: [engine.look_at("v", idx) for idx in range(20)])

    assert len(engine.features._entries) == 10


@pytest.mark.slow
def test_a_process_short_of_memory_goes_on_and_gives_the_same(
    frames_dir: Path, tmp_path: Path
) -> None:
    for frame in frames_dir.iterdir():
        (tmp_path / frame.name).symlink_to(frame)
    # freed memory goes back to the system at once, so that the limit is exact
    tuned = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}
    child = [sys.executable, "-m", "tests.inference.starved", str(tmp_path)]

    ended = subprocess.run(
        child, env={**os.environ, **tuned}, cwd=ROOT, capture_output=True, text=True, timeout=300
    )

    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert "Memory ran out" in ended.stderr
    assert found["held"] < found["encoded"] / 2
    assert found["left"] == ["disc"]  # the idle one left, the one asked for last stayed
    assert found["same"]
    assert (found["code"], found["goes_on"]) == ("out_of_memory", [12, 13])
