"""Batched tracking: several sessions in one call of the network, which is faster on a GPU.

One object fills a small part of a GPU; on a CPU it fills all of it, and a batch only falls out of
the caches. Sums come in another order than one by one, so results differ in the last bits.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from sam2_session.core.errors import OutOfMemory
from sam2_session.core.predictions import Prediction
from sam2_session.core.types import MemoryMode, SessionKey
from sam2_session.inference.features import FeatureCache
from sam2_session.inference.memory import FrameOutput, Pass, Sources
from sam2_session.inference.network import FrameFeatures, Network
from sam2_session.inference.out_of_memory import MemoryRetry
from sam2_session.inference.session import InferenceSession

log = logging.getLogger(__name__)

MAX_BATCH = 8  # sessions in a call: more fill a GPU no better, and scratch memory grows

ON_HOST = ("pred_masks", "obj_ptr", "object_score_logits", "ious")


@dataclass(frozen=True, slots=True)
class TrackStep:
    """One frame of a pass of a run."""

    frame_idx: int
    reverse: bool
    run: int
    memory: MemoryMode = MemoryMode.PLAIN

    @property
    def of_pass(self) -> Pass:
        """The run, and whether it goes backward."""
        return self.run, self.reverse


def can_batch(network: Network) -> bool:
    """Return whether objects of this network are independent and it reads every past frame."""
    model = network.model
    return not model.non_overlap_masks_for_mem_enc and model.memory_temporal_stride_for_eval == 1


def should_batch(wanted: str, network: Network) -> bool:
    """Resolve the setting: on, off, or auto, which is on where it is faster."""
    return wanted == "on" or (wanted == "auto" and network.device.type == "cuda")


_Group = list[tuple[InferenceSession, Sources]]


class BatchedTracker:
    """Tracks a frame for several sessions in as few calls as their memories allow."""

    def __init__(self, network: Network, features: FeatureCache, retry: MemoryRetry) -> None:
        self._network = network
        self._features = features
        self._retry = retry

    def track(
        self, sessions: Sequence[InferenceSession], step: TrackStep
    ) -> dict[SessionKey, Prediction]:
        """Track one frame for every session; conditioned frames keep their prediction."""
        found: dict[SessionKey, Prediction] = {}
        to_track = []
        for session in sessions:
            known = session.pass_over(step.frame_idx, reverse=step.reverse, run=step.run)
            if known is None:
                to_track.append(session)
            else:
                found[session.key] = known
        for group in _groups(to_track, step):
            found |= self._track_group(group, step)
        return {session.key: found[session.key] for session in sessions}

    def _track_group(self, group: _Group, step: TrackStep) -> dict[SessionKey, Prediction]:
        if len(group) > 1:
            try:
                return self._track_batch(group, step)
            except OutOfMemory:
                log.warning("%d objects at once do not fit: one by one", len(group))
        return {
            session.key: session.step(
                step.frame_idx, reverse=step.reverse, run=step.run, memory=step.memory
            )
            for session, _ in group
        }

    def _track_batch(self, group: _Group, step: TrackStep) -> dict[SessionKey, Prediction]:
        first = group[0][0]
        features = self._features.get(first.key.video_id, step.frame_idx)

        def track_step() -> dict[str, Any]:
            return self._network.track_step(
                _spread(features, len(group)),
                prefer=[
                    session.preference(step.frame_idx, step.of_pass, step.memory)
                    for session, _ in group
                ],
                frame_idx=step.frame_idx,
                output_dict={
                    "cond_frame_outputs": _stacked([sources.conditioned for _, sources in group]),
                    "non_cond_frame_outputs": _stacked([sources.tracked for _, sources in group]),
                },
                num_frames=first.num_frames,
                is_init_cond_frame=False,
                point_inputs=None,
                mask_inputs=None,
                track_in_reverse=step.reverse,
                run_mem_encoder=True,
            )

        output = self._retry.run(track_step)
        host = {name: output[name].float().cpu() for name in ON_HOST}  # one copy for all sessions
        outputs = [_session_output({**output, **host}, idx) for idx in range(len(group))]
        return {
            session.key: session.keep(step.frame_idx, own, step.of_pass, step.memory, sources.read)
            for (session, sources), own in zip(group, outputs, strict=True)
        }


def _groups(sessions: Sequence[InferenceSession], step: TrackStep) -> Iterator[_Group]:
    """Group the sessions whose frame attends to the same frames."""
    alike: dict[Any, _Group] = {}
    for session in sessions:
        sources = session.sources(step.frame_idx, step.of_pass, step.memory)
        alike.setdefault((session.key.video_id, sources.frames), []).append((session, sources))
    for group in alike.values():
        for start in range(0, len(group), MAX_BATCH):
            yield group[start : start + MAX_BATCH]


class _Stack(dict[str, Any]):
    """Stacks several sessions' outputs of one frame, each field when it is first read."""

    def __init__(self, outputs: Sequence[FrameOutput]) -> None:
        super().__init__(obj_ptr=torch.cat([output["obj_ptr"] for output in outputs]))
        self._outputs = outputs

    def __missing__(self, name: str) -> Any:
        if name == "maskmem_pos_enc":
            count = len(self._outputs)
            return [position.expand(count, -1, -1, -1) for position in self._outputs[0][name]]
        return torch.cat([output[name] for output in self._outputs])


def _stacked(outputs: Sequence[Mapping[int, FrameOutput]]) -> dict[int, _Stack]:
    return {idx: _Stack([session[idx] for session in outputs]) for idx in outputs[0]}


def _spread(features: FrameFeatures, count: int) -> FrameFeatures:
    """Repeat a frame's features for each session, without a copy."""
    return FrameFeatures(
        [feat.expand(-1, count, -1) for feat in features.vision_feats],
        [position.expand(-1, count, -1) for position in features.vision_pos_embeds],
        features.feat_sizes,
    )


def _session_output(batch: Mapping[str, Any], idx: int) -> dict[str, Any]:
    """Take one session's output; its memory is copied, or it would keep all the others' alive."""
    fields = (*ON_HOST, "candidates", "maskmem_features")
    output = {name: batch[name][idx : idx + 1] for name in fields}
    output["maskmem_features"] = output["maskmem_features"].clone()
    return {**output, "maskmem_pos_enc": batch["maskmem_pos_enc"]}
