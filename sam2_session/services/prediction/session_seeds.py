"""Seed of a live session: what the database and the track log hold of its pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.inference.seeds import SessionSeed
from sam2_session.services.masks.track_logs import TrackLogs
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import conditioned_frames, prompted_digests, read_prediction

if TYPE_CHECKING:
    from sam2_session.inference.network import Network


def make_seed(
    projects: Projects, track_logs: TrackLogs, network: Network, key: SessionKey
) -> SessionSeed:
    """Read a pair's predictions by this network; frames it never predicted are left out."""
    project = projects.get(key.video_id)

    def read(tx: Transaction) -> tuple[dict[int, Prediction], dict[int, Prediction]]:
        conditioned = conditioned_frames(tx, key)
        prompted = prompted_digests(tx, key)
        return _found(tx, key, conditioned, network), _found(tx, key, prompted, network)

    conditioned, prompted = project.db.read(read)
    log = track_logs.open(key, network)
    return SessionSeed(project.size_hw, project.num_frames, log, conditioned, prompted)


def _found(
    tx: Transaction, key: SessionKey, frames: list[tuple[int, str]], network: Network
) -> dict[int, Prediction]:
    found = {
        frame_idx: read_prediction(tx, key, frame_idx, digest, network.signature)
        for frame_idx, digest in frames
    }
    return {idx: prediction for idx, prediction in found.items() if prediction is not None}
