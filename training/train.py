"""Trains the demo model from scratch on drawn clips: ``python -m training.train --minutes 120``.

Started again with the same folder, a run goes on from its last snapshot. On a CPU two processes of
one thread each train side by side and share their gradients, which moves a third more clips a
second than one process of two threads; on a GPU one process takes larger batches in bfloat16. (On
a CPU bfloat16 gained nothing here: the layers are too small.)
"""

from __future__ import annotations

import argparse
import json
import logging
import multiprocessing
import os
import signal
import time
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist

from training.batches import BatchStream, drawn_in_workers
from training.episode import Episode, draw_plan, play
from training.network import DEMO_CONFIG, ROOT, build_network, set_start_values
from training.schedule import Moment, Schedule
from training.snapshot import RunState, export_checkpoint, load_checkpoint
from training.validation import Validation

RUN_DIR = ROOT / ".run" / "training"
log = logging.getLogger("training")

BETAS, WEIGHT_DECAY, LARGEST_GRADIENT = (0.9, 0.98), 0.02, 1.0
SAVE_EVERY_S, VALIDATE_EVERY_S, LOG_EVERY_STEPS = 180.0, 600.0, 50
AHEAD = 6  # batches ordered before they are needed
# Large temporaries stay with the process: to page them in anew took a quarter of each step.
ALLOCATOR = (
    "glibc.malloc.hugetlb=1:glibc.malloc.mmap_max=0"
    ":glibc.malloc.trim_threshold=8589934592:glibc.malloc.top_pad=268435456"
)
GPU_LOAD = 6.0  # clips per batch against the CPU's


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """Options of one run."""

    run_dir: Path
    config: Path = DEMO_CONFIG
    minutes: float = 120.0
    device: str = "cpu"
    workers: int = 1  # processes that draw clips, for each one that trains
    trainers: int = 2
    peak_rate: float = 7e-4
    seed: int = 1
    start_from: Path | None = None  # a checkpoint of this project's, instead of random weights


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description="Train the demo model on drawn clips.")
    parser.add_argument("--minutes", type=float, default=120.0, help="time to train in all [120]")
    parser.add_argument("--run-dir", type=Path, default=RUN_DIR, help="go on here [.run/training]")
    parser.add_argument("--config", type=Path, default=DEMO_CONFIG, help="sam2 configuration")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda [auto]")
    parser.add_argument("--learning-rate", type=float, default=7e-4, help="its peak [7e-4]")
    parser.add_argument("--start-from", type=Path, help="improve this checkpoint [from scratch]")
    parser.add_argument("--seed", type=int, default=1, help="of weights and clips [1]")
    args = parser.parse_args()
    device = args.device
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    cores = os.cpu_count() or 1
    on_cpu = device == "cpu"
    options = TrainOptions(
        run_dir=args.run_dir,
        config=args.config,
        minutes=args.minutes,
        device=device,
        workers=1 if on_cpu else max(1, cores - 2),
        trainers=min(cores, 2) if on_cpu else 1,
        peak_rate=args.learning_rate,
        seed=args.seed,
        start_from=args.start_from,
    )
    train(options)


def train(options: TrainOptions) -> None:
    """Train until time is up or SIGTERM, then write a snapshot and a checkpoint."""
    options.run_dir.mkdir(parents=True, exist_ok=True)
    (options.run_dir / "meeting").unlink(missing_ok=True)
    if options.trainers == 1:
        _train_one(0, options)
        return
    os.environ.setdefault("GLIBC_TUNABLES", ALLOCATOR)  # read when a process starts
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # a thread that waits leaves its core
    context = multiprocessing.get_context("spawn")
    trainers = [
        context.Process(target=_train_one, args=(rank, options)) for rank in range(options.trainers)
    ]
    for trainer in trainers:
        trainer.start()

    def stop_all(*_: object) -> None:
        for trainer in trainers:
            trainer.terminate()

    signal.signal(signal.SIGTERM, stop_all)
    for trainer in trainers:
        trainer.join()
    if any(trainer.exitcode for trainer in trainers):
        raise SystemExit("A trainer failed; start again to go on from the last snapshot.")


def _train_one(rank: int, options: TrainOptions) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if options.trainers > 1:
        meeting = (options.run_dir / "meeting").absolute()
        dist.init_process_group("gloo", f"file://{meeting}", rank=rank, world_size=options.trainers)
        torch.set_num_threads(1)
    first_worker = 1 + rank * options.workers + options.seed * 64
    seeds = list(range(first_worker, first_worker + options.workers))
    with drawn_in_workers(seeds) as stream:
        Trainer(rank, options, stream).run()
    if options.trainers > 1:
        dist.destroy_process_group()


class Trainer:
    """One process of a run; rank 0 keeps the time, the snapshots and the log."""

    def __init__(self, rank: int, options: TrainOptions, stream: BatchStream) -> None:
        self._rank, self._options, self._stream = rank, options, stream
        torch.manual_seed(options.seed)
        network = build_network(options.config)
        set_start_values(network)
        if options.start_from is not None:
            network.load_state_dict(load_checkpoint(options.start_from))
        network.to(options.device)
        self._parameters = [p for p in network.parameters() if p.requires_grad]
        average = {name: value.detach().clone() for name, value in network.state_dict().items()}
        self._state = RunState(network, _optimizer(network), average)
        self._snapshot = options.run_dir / "snapshot.pt"
        if self._snapshot.exists():
            self._state.load(self._snapshot)
            log.info("going on from step %d", self._state.step)
        torch.manual_seed(options.seed + 1000 * (rank + 1) + self._state.step)
        self._shared = np.random.default_rng((options.seed, self._state.step))  # same in all
        load = 1.0 if options.device == "cpu" else GPU_LOAD
        self._schedule = Schedule(options.peak_rate, load, options.start_from is not None)
        self._orders: list[Moment] = []
        self._ordered = self._state.step
        self._stop = False
        self._parent = os.getppid()
        self._notes = _Notes()
        self._validation = Validation(options.device)

    def run(self) -> None:
        """Train until time is up."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        start = time.monotonic() - self._state.elapsed_s
        saved = validated = time.monotonic()
        while not self._agree_to_stop():
            self._step()
            now = time.monotonic()
            self._state.elapsed_s = self._agree(now - start)
            if self._rank == 0 and now - saved > SAVE_EVERY_S:
                self._keep()
                saved = now
            if self._rank == 0 and now - validated > VALIDATE_EVERY_S:
                self._validate()
                validated = time.monotonic()
        if self._rank == 0:
            self._validate()
            self._keep()

    @property
    def _progress(self) -> float:
        return min(1.0, self._state.elapsed_s / (self._options.minutes * 60))

    def _step(self) -> None:
        now = self._next_moment()
        for group in self._state.optimizer.param_groups:
            group["lr"] = now.learning_rate
        started = time.monotonic()
        batch = self._stream.take()
        waited = time.monotonic() - started
        frames = batch.frames_vthwc.shape[1]
        plan = draw_plan(self._shared, frames, now.most_corrections)
        with self._arithmetic():
            learnt = self._schedule.steps_learnt(self._state.step)
            episode = play(self._state.network, batch, plan, step=learnt)
        if episode.losses:
            episode.loss.backward()  # type: ignore[no-untyped-call]
        norm = self._descend()
        self._state.step += 1
        self._state.frames += batch.frames_vthwc.shape[0] * frames * self._options.trainers
        self._state.update_average()
        self._notes.add(episode, norm, waited, time.monotonic() - started)
        if self._rank == 0 and (self._state.step == 10 or self._state.step % LOG_EVERY_STEPS == 0):
            log.info(
                "%5.1f min, step %d: %s",
                self._state.elapsed_s / 60,
                self._state.step,
                self._notes.take(),
            )

    def _next_moment(self) -> Moment:
        """Yield batches, ordered ahead of time, in the order they were ordered."""
        while len(self._orders) < AHEAD:
            ahead = self._schedule.moment(self._progress, self._ordered, self._shared)
            self._stream.order(self._ordered, ahead.spec)
            self._orders.append(ahead)
            self._ordered += 1
        return self._orders.pop(0)

    def _arithmetic(self) -> AbstractContextManager[Any]:
        if self._options.device == "cpu":
            return nullcontext()
        return torch.autocast("cuda", torch.bfloat16)

    def _descend(self) -> float:
        """Average the gradients of all trainers and take a step, unless they are not finite."""
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in self._parameters]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        if self._options.trainers > 1:
            dist.all_reduce(flat)
            flat /= self._options.trainers
        norm = float(flat.norm())
        if np.isfinite(norm):
            flat *= min(1.0, LARGEST_GRADIENT / (norm + 1e-6))
            sizes = [p.numel() for p in self._parameters]
            for parameter, gradient in zip(self._parameters, torch.split(flat, sizes), strict=True):
                parameter.grad = gradient.view_as(parameter)
            self._state.optimizer.step()
        self._state.optimizer.zero_grad()
        return norm

    def _agree_to_stop(self) -> bool:
        alone = os.getppid() != self._parent
        return self._agree(float(self._stop or alone)) > 0 or self._progress >= 1

    def _agree(self, value: float) -> float:
        """Share the largest value of all trainers, so that all decide alike."""
        if self._options.trainers == 1:
            return value
        said = torch.tensor([value], dtype=torch.float64)
        dist.all_reduce(said, op=dist.ReduceOp.MAX)
        return float(said)

    def _ask_to_stop(self, *_: object) -> None:
        self._stop = True

    def _keep(self) -> None:
        self._state.save(self._snapshot)
        export_checkpoint(self._state.average, self._options.run_dir / "checkpoint.pt")

    def _validate(self) -> None:
        averaged = deepcopy(self._state.network)
        averaged.load_state_dict(self._state.average)
        found = self._validation.measure(averaged)
        row = {
            "minutes": round(self._state.elapsed_s / 60, 2),
            "step": self._state.step,
            "frames": self._state.frames,
            **{name: round(value, 4) for name, value in found.items()},
        }
        log.info("validation %s", json.dumps(row))
        with (self._options.run_dir / "curve.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")


@dataclass(slots=True)
class _Notes:
    """Collects figures since the last line of the log."""

    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, episode: Episode, norm: float, waited: float, took: float) -> None:
        known = {"norm": [norm], "wait": [waited], "took": [took], **episode.ious}
        if episode.losses:
            known["loss"] = [float(episode.loss.detach())]
        for name, values in known.items():
            self.values.setdefault(name, []).extend(values)

    def take(self) -> str:
        text = " ".join(f"{name} {np.mean(v):.3f}" for name, v in sorted(self.values.items()))
        self.values.clear()
        return text


def _optimizer(network: Any) -> torch.optim.Optimizer:
    decayed: list[Any] = []
    free: list[Any] = []
    for name, parameter in network.named_parameters():
        plain = parameter.ndim <= 1 or "embed" in name or "tpos" in name
        (free if plain else decayed).append(parameter)
    groups = [
        {"params": decayed, "weight_decay": WEIGHT_DECAY},
        {"params": free, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, betas=BETAS)


if __name__ == "__main__":
    main()
