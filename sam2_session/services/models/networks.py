"""Loads networks as the settings say."""

from __future__ import annotations

from pathlib import Path

from sam2_session.inference.loading import load_network
from sam2_session.inference.network import AttentionRules, Network
from sam2_session.models.registry import ModelSpec
from sam2_session.settings import Settings


def make_network(settings: Settings, spec: ModelSpec, checkpoint: Path) -> Network:
    """Load a model's network on the device, in the precision and with the attention of choice."""
    network = load_network(
        spec.own_config or spec.config,
        checkpoint,
        image_size=spec.image_size,
        name=spec.name,
        device=settings.device,
        precision=settings.precision,
    )
    network.attend_by(
        AttentionRules(settings.max_conditioning_frames, settings.clear_memory_around_corrections)
    )
    return network
