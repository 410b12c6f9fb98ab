"""Loads networks and makes the engines that run them.

Only that imports torch, which takes longer than the rest of a start: clicks are taken meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sam2_session.core.types import SessionKey
from sam2_session.inference.seeds import SessionSeed
from sam2_session.inference.slot import EngineSlot
from sam2_session.models.registry import ModelSpec
from sam2_session.options import MIB
from sam2_session.services.models.service import ModelService
from sam2_session.settings import Settings

if TYPE_CHECKING:
    from sam2_session.inference.engine import Engine
    from sam2_session.inference.network import Network

SIDE_FEATURES_BYTES = 128 * MIB  # a model beside the one in use goes through each frame once


@dataclass(frozen=True, slots=True)
class Engines:
    """The engine in use, in its slot, and others beside it for the time of a job."""

    settings: Settings
    slot: EngineSlot
    seed: Callable[[Network, SessionKey], SessionSeed]
    frame_path: Callable[[str, int], Path]
    on_screen: Callable[[], Collection[tuple[str, int]]]

    def load(self, spec: ModelSpec, checkpoint: Path) -> Mapping[str, Any]:
        """Load a network and put its engine in use; sessions are rebuilt when next needed."""
        from sam2_session.inference.batched_tracking import should_batch
        from sam2_session.inference.loading import choose_precision
        from sam2_session.inference.machine import describe_machine
        from sam2_session.inference.speed import measure_gflops

        network = self._network(spec, checkpoint)
        speed = measure_gflops(network)
        engine = self._engine(network, self.settings.feature_cache_mb * MIB)
        engine.batch_objects = should_batch(self.settings.batch_objects, network)
        self.slot.put(engine)
        _, reason = choose_precision(self.settings.precision, network.device)
        is_cpu = network.device.type == "cpu"
        return {
            "device": str(network.device),
            "precision": network.precision,
            "precision_reason": reason,
            "threads": describe_machine(str(network.device)).cpu_threads if is_cpu else None,
            "gflops_per_s": speed,
        }

    @contextmanager
    def beside(self, models: ModelService, name: str | None) -> Iterator[Engine]:
        """Give the engine in use, or one of another model that ends with the block."""
        current = models.current
        if name is None or (current is not None and current["name"] == name):
            yield self.slot.get()
            return
        network = models.load_beside(name, self._network)
        engine = self._engine(network, SIDE_FEATURES_BYTES)
        try:
            yield engine
        finally:
            engine.close()

    def _network(self, spec: ModelSpec, checkpoint: Path) -> Network:
        from sam2_session.inference.loading import limit_threads, load_network
        from sam2_session.inference.network import AttentionRules

        limit_threads(self.settings.torch_threads)
        network = load_network(
            spec.own_config or spec.config,
            checkpoint,
            image_size=spec.image_size,
            name=spec.name,
            device=self.settings.device,
            precision=self.settings.precision,
        )
        network.attend_by(
            AttentionRules(
                self.settings.max_conditioning_frames,
                self.settings.clear_memory_around_corrections,
            )
        )
        return network

    def _engine(self, network: Network, feature_cache_bytes: int) -> Engine:
        from sam2_session.inference.engine import Engine

        return Engine(
            network,
            seed=partial(self.seed, network),
            frame_path=self.frame_path,
            feature_cache_bytes=feature_cache_bytes,
            session_memory_bytes=self.settings.session_memory_mb * MIB,
            on_screen=self.on_screen,
        )
