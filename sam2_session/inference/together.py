"""Tracking several sessions in one call of the network, where that is faster: on a GPU.

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
from sam2_session.core.types import SessionKey
from sam2_session.inference.features import FeatureCache
from sam2_session.inference.memory import FrameOutput, Sources
from sam2_session.inference.network import FrameFeatures, Network
from sam2_session.inference.session import InferenceSession

log = logging.getLogger(__name__)

MOST = 8  # sessions in a call: more fill a GPU no better, and their scratch memory grows

ON_HOST = ("pred_masks", "obj_ptr", "object_score_logits")


@dataclass(frozen=True, slots=True)
class Step:
    """One frame of a pass of a run."""

    frame_idx: int
    reverse: bool
    run: int


def can_batch(network: Network) -> bool:
    """Whether objects of this network do not see each other, and it looks back frame by frame."""
    model = network.model
    return not model.non_overlap_masks_for_mem_enc and model.memory_temporal_stride_for_eval == 1


def should_batch(wanted: str, network: Network) -> bool:
    """What the setting asks for: on, off, or auto, which is on where it is faster."""
    return wanted == "on" or (wanted == "auto" and network.device.type == "cuda")


def track_all(
    network: Network, cache: FeatureCache, sessions: Sequence[InferenceSession], step: Step
) -> dict[SessionKey, Prediction]:
    """Track a frame for all of them, in as few calls as their memories allow."""
    found: dict[SessionKey, Prediction] = {}
    free = []
    for session in sessions:
        known = session.pass_over(step.frame_idx, reverse=step.reverse, run=step.run)
        if known is None:
            free.append(session)
        else:
            found[session.key] = known
    for group in _groups(free, step):
        found |= _track_group(network, cache, group, step)
    return {one.key: found[one.key] for one in sessions}


_Group = list[tuple[InferenceSession, Sources]]


def _groups(sessions: Sequence[InferenceSession], step: Step) -> Iterator[_Group]:
    """Put those together that attend to the same frames."""
    alike: dict[Any, _Group] = {}
    for session in sessions:
        sources = session.sources(step.frame_idx, (step.run, step.reverse))
        alike.setdefault((session.key.video_id, sources.frames), []).append((session, sources))
    for group in alike.values():
        for start in range(0, len(group), MOST):
            yield group[start : start + MOST]


def _track_group(
    network: Network, cache: FeatureCache, group: _Group, step: Step
) -> dict[SessionKey, Prediction]:
    if len(group) > 1:
        try:
            return _track_together(network, cache, group, step)
        except OutOfMemory:
            log.warning("%d objects at once do not fit: one by one", len(group))
    return {
        session.key: session.step(step.frame_idx, reverse=step.reverse, run=step.run)
        for session, _ in group
    }


def _track_together(
    network: Network, cache: FeatureCache, group: _Group, step: Step
) -> dict[SessionKey, Prediction]:
    first = group[0][0]
    output = network.track_step(
        _spread(cache.get(first.key.video_id, step.frame_idx), len(group)),
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
    host = {name: output[name].float().cpu() for name in ON_HOST}  # one copy of all, not of each
    parts = [_part({**output, **host}, idx) for idx in range(len(group))]
    return {
        session.key: session.keep(step.frame_idx, part, reverse=step.reverse, run=step.run)
        for (session, _), part in zip(group, parts, strict=True)
    }


class _Stack(dict[str, Any]):
    """The outputs of one frame of several sessions as one, put together when asked for."""

    def __init__(self, outputs: Sequence[FrameOutput]) -> None:
        super().__init__(obj_ptr=torch.cat([output["obj_ptr"] for output in outputs]))
        self._outputs = outputs

    def __missing__(self, name: str) -> Any:
        if name == "maskmem_pos_enc":
            count = len(self._outputs)
            return [one.expand(count, -1, -1, -1) for one in self._outputs[0][name]]
        return torch.cat([output[name] for output in self._outputs])


def _stacked(outputs: Sequence[Mapping[int, FrameOutput]]) -> dict[int, _Stack]:
    return {idx: _Stack([one[idx] for one in outputs]) for idx in outputs[0]}


def _spread(features: FrameFeatures, count: int) -> FrameFeatures:
    """The same features for each of them, without a copy."""
    return FrameFeatures(
        [feat.expand(-1, count, -1) for feat in features.vision_feats],
        [position.expand(-1, count, -1) for position in features.vision_pos_embeds],
        features.feat_sizes,
    )


def _part(output: Mapping[str, Any], idx: int) -> dict[str, Any]:
    """One session's share; its memory copied, or it would keep all the others' alive."""
    part = {name: output[name][idx : idx + 1] for name in (*ON_HOST, "maskmem_features")}
    part["maskmem_features"] = part["maskmem_features"].clone()
    return {**part, "maskmem_pos_enc": output["maskmem_pos_enc"]}
