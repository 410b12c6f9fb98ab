"""Live inference state of one (video, instance, region)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import BoolMask, FramePrompt, MemoryMode, SessionKey
from sam2_session.inference import memory_modes
from sam2_session.inference.features import FeatureCache
from sam2_session.inference.memory import (
    MEMORY_FRAMES,
    RING_FRAMES,
    FrameOutput,
    MemoryView,
    Pass,
    Sources,
    TrackBank,
    keep_newest_memories,
)
from sam2_session.inference.network import FrameFeatures, Network
from sam2_session.inference.out_of_memory import MemoryRetry
from sam2_session.inference.seeds import SessionSeed

LOGIT_LIMIT = 32.0  # sam2 clamps previous logits to this before feeding them back


class InferenceSession:
    """Predicts frames from prompts and tracks them; used in the device thread only.

    The same weights, prompts and order of runs give what `SAM2VideoPredictor` gives, bit for bit.
    """

    def __init__(
        self,
        key: SessionKey,
        seed: SessionSeed,
        network: Network,
        features: FeatureCache,
        retry: MemoryRetry,
    ) -> None:
        self.key = key
        self.size_hw = seed.size_hw
        self.num_frames = seed.num_frames
        self._network = network
        self._features = features
        self._retry = retry
        self._conditioned: dict[int, FrameOutput] = {}
        self._prompted = dict(seed.prompted)
        self._bank = TrackBank(
            seed.log, self._make_output, lambda frame_idx: frame_idx in self._conditioned
        )
        for frame_idx, prediction in sorted(seed.conditioned.items()):
            self._conditioned[frame_idx] = self._make_output(frame_idx, prediction, True)
            self._bank.restore(frame_idx)

    @property
    def nbytes(self) -> int:
        """Bytes this session holds, on the device and in main memory."""
        outputs = self._conditioned.values()
        predictions = [*self._prompted.values(), *(output.prediction for output in outputs)]
        beside = {id(prediction): prediction.nbytes for prediction in predictions}
        device = sum(output.nbytes for output in outputs)
        return device + sum(beside.values()) + self._bank.nbytes

    def predict(
        self, frame_idx: int, prompt: FramePrompt, previous: Prediction | None
    ) -> Prediction:
        """Run the decoder once on all of a frame's prompts, refining the previous prediction.

        A frame that a run has passed is corrected with the memory of its neighbours; any other is
        segmented by itself.
        """
        record = self._bank.record(frame_idx)
        of_pass = (0, False) if record is None else (record.run, record.reverse)
        logits = None if previous is None else self._previous_logits(previous)
        return self._step(
            frame_idx,
            of_pass,
            is_init_cond_frame=record is None or not self._conditioned,
            point_inputs=self._point_inputs(prompt),
            mask_inputs=None,
            run_mem_encoder=False,
            prev_sam_mask_logits=logits,
        )

    def predict_mask(self, frame_idx: int, mask_hw: BoolMask) -> Prediction:
        """Take a mask made by hand, in source pixels, as the frame's output."""
        mask = torch.from_numpy(mask_hw.astype(np.float32))[None, None].to(self._network.device)
        size = (self._network.image_size, self._network.image_size)
        if mask.shape[-2:] != size:
            mask = F.interpolate(
                mask, size=size, align_corners=False, mode="bilinear", antialias=True
            )
        return self._step(
            frame_idx,
            (0, False),
            is_init_cond_frame=self._bank.record(frame_idx) is None or not self._conditioned,
            point_inputs=None,
            mask_inputs=(mask >= 0.5).float(),
            run_mem_encoder=False,
        )

    def tracked(self, frame_idx: int) -> Prediction | None:
        """Return the prediction of the last run for a frame, if it tracked it."""
        output = self._bank.get(frame_idx)
        return None if output is None else output.prediction

    def tracked_before(self, frame_idx: int, run: int) -> Prediction | None:
        """Return what was tracked on a frame before this run, if anything."""
        record = self._bank.record_before(frame_idx, run)
        return None if record is None else record.prediction

    def tracked_by(self, frame_idx: int, run: int) -> Prediction | None:
        """Return what this run tracked on a frame; None if it did not, or not yet."""
        record = self._bank.record(frame_idx)
        return None if record is None or record.run != run else record.prediction

    def has_record(self, frame_idx: int, run: int) -> bool:
        """Return whether this run tracked a frame, or passed over it as a prompted one."""
        record = self._bank.record(frame_idx)
        return record is not None and record.run == run

    def begin_layer(self, run: int) -> list[int]:
        """Let a stretch run write beside what it replaces; see `LayeredLog.add_layer`."""
        return self._bank.begin_layer(run)

    def fold_layers(self) -> list[int]:
        """Make one layer of the log, as a full run begins; see `LayeredLog.fold`."""
        return self._bank.fold_layers()

    def set_prompted(self, frame_idx: int, prediction: Prediction | None) -> None:
        """Set the prediction of a frame's prompts; None if it has no prompts any more."""
        if prediction is not None:
            self._prompted[frame_idx] = prediction
            return
        self._prompted.pop(frame_idx, None)
        if self._conditioned.pop(frame_idx, None) is not None:
            self._bank.forget(frame_idx)

    def restore(self, frame_idx: int) -> None:
        """Condition on a frame again: its prompts are again those of the last run."""
        if frame_idx not in self._conditioned:
            output = self._make_output(frame_idx, self._prompted[frame_idx], True)
            self._conditioned = dict(sorted([*self._conditioned.items(), (frame_idx, output)]))
            self._bank.restore(frame_idx)

    def condition(self, prompted: Mapping[int, Prediction] | None = None) -> None:
        """Let later frames attend to the prompted frames of now; a run begins with it.

        `prompted`, when given, replaces what this session holds of them.
        """
        if prompted is not None:
            self._prompted = dict(prompted)
        before, self._conditioned = self._conditioned, {}
        for frame_idx, prediction in sorted(self._prompted.items()):
            output = before.pop(frame_idx, None)
            if output is None or not output.prediction.equals(prediction):
                output = self._make_output(frame_idx, prediction, True)
            self._conditioned[frame_idx] = output
        for frame_idx in before:
            self._bank.forget(frame_idx)

    @property
    def can_track(self) -> bool:
        """Return whether a run conditioned this session on anything."""
        return bool(self._conditioned)

    def tracks(self, frame_idx: int) -> bool:
        """Return whether `step` would track this frame, and so need its features."""
        return self.can_track and frame_idx not in self._conditioned

    def step(
        self, frame_idx: int, *, reverse: bool, run: int, memory: MemoryMode = MemoryMode.PLAIN
    ) -> Prediction:
        """Track one frame; a conditioned frame keeps its own prediction."""
        known = self.pass_over(frame_idx, reverse=reverse, run=run)
        if known is not None:
            return known
        features = self._frame_features(frame_idx)
        sources = self.sources(frame_idx, (run, reverse), memory)
        output = self._track(
            features,
            frame_idx,
            (run, reverse),
            None if memory is MemoryMode.PLAIN else sources,
            prefer=self.preference(frame_idx, (run, reverse), memory),
            is_init_cond_frame=False,
            point_inputs=None,
            mask_inputs=None,
            run_mem_encoder=True,
        )
        return self.keep(frame_idx, output, (run, reverse), memory, sources.read)

    def look(
        self, frame_idx: int, *, reverse: bool, run: int, memory: MemoryMode = MemoryMode.PLAIN
    ) -> Prediction:
        """Track one frame as `step` would, and remember nothing of it."""
        known = self._conditioned.get(frame_idx)
        if known is not None:
            return known.prediction
        of_pass = (run, reverse)
        plain = memory is MemoryMode.PLAIN
        return self._step(
            frame_idx,
            of_pass,
            None if plain else self.sources(frame_idx, of_pass, memory),
            prefer=self.preference(frame_idx, of_pass, memory),
            is_init_cond_frame=False,
            point_inputs=None,
            mask_inputs=None,
            run_mem_encoder=False,
        )

    def pass_over(self, frame_idx: int, *, reverse: bool, run: int) -> Prediction | None:
        """Return the prediction of a conditioned frame, which is not tracked; else None."""
        output = self._conditioned.get(frame_idx)
        if output is None:
            return None
        self._bank.pass_over(frame_idx, reverse=reverse, run=run)
        return output.prediction

    def keep(
        self,
        frame_idx: int,
        output: Mapping[str, Any],
        of_pass: Pass,
        memory: MemoryMode,
        read: Collection[FrameOutput],
    ) -> Prediction:
        """Remember what the network found on a tracked frame; `read` stays in memory, too."""
        run, reverse = of_pass
        self._network.keep_memory_pos(output["maskmem_pos_enc"])
        prediction = self._network.read_prediction(output)
        if memory is MemoryMode.DISTRACTOR:
            prediction = self._marked(frame_idx, of_pass, prediction, output)
        kept = self._make_output(frame_idx, prediction, False)
        kept.keep_memory(output["maskmem_features"])
        self._bank.put(frame_idx, kept, reverse=reverse, run=run)
        self._bank.trim(frame_idx, () if memory is MemoryMode.PLAIN else read)
        self._trim()
        return prediction

    def sources(
        self, frame_idx: int, of_pass: Pass, memory: MemoryMode = MemoryMode.PLAIN
    ) -> Sources:
        """Choose what a step on this frame attends to, as sam2 chooses or by a memory mode."""
        from sam2.modeling.sam2_utils import select_closest_cond_frames  # see loading.py

        near = self._network.rules.max_conditioning or -1
        chosen, others = select_closest_cond_frames(frame_idx, self._conditioned, near)
        if memory is not MemoryMode.PLAIN:
            return memory_modes.choose(memory, self._mode_step(frame_idx, of_pass, chosen))
        view, tracked = self._view(frame_idx, of_pass), {}
        for distance in range(1, RING_FRAMES + 1):
            idx = frame_idx + distance if of_pass[1] else frame_idx - distance
            output = view.get(idx, others.get(idx))
            if output is not None:
                tracked[idx] = output
        return Sources(dict(chosen), tracked)

    def preference(
        self, frame_idx: int, of_pass: Pass, memory: MemoryMode
    ) -> Callable[[BoolMask, Sequence[float]], list[float]] | None:
        """Return how a memory mode weighs the candidates of a step; None: it leaves them alone."""
        if memory is not MemoryMode.MOTION:
            return None
        expected = memory_modes.expected_next(self._mode_step(frame_idx, of_pass, {}))
        return partial(memory_modes.preferred, expected)

    def _mode_step(
        self, frame_idx: int, of_pass: Pass, conditioned: Mapping[int, FrameOutput]
    ) -> memory_modes.Step:
        view = self._view(frame_idx, of_pass)
        return memory_modes.Step(frame_idx, of_pass[1], conditioned, view, self._bank.trust)

    def _marked(
        self, frame_idx: int, of_pass: Pass, prediction: Prediction, output: Mapping[str, Any]
    ) -> Prediction:
        """Mark a frame on which another thing might be meant."""
        ious = output["ious"][0].float().cpu().numpy()
        candidates_mhw = (output["candidates"][0].float() > 0).cpu().numpy()
        step = self._mode_step(frame_idx, of_pass, {})
        found = memory_modes.has_rival(step, float(ious.max()), candidates_mhw, int(ious.argmax()))
        return replace(prediction, has_rival=found)

    def forget_tracked(self, frame_idx: int) -> None:
        """Forget what a run found on a frame: no later frame attends to it."""
        self._bank.erase(frame_idx)

    def close(self) -> None:
        """Release the track log, and memories without waiting for the garbage collector."""
        self._conditioned.clear()
        self._bank.close()

    def _step(
        self, frame_idx: int, of_pass: Pass, sources: Sources | None = None, **inputs: Any
    ) -> Prediction:
        features = self._frame_features(frame_idx)
        output = self._track(features, frame_idx, of_pass, sources, **inputs)
        return self._network.read_prediction(output)

    def _track(
        self,
        features: FrameFeatures,
        frame_idx: int,
        of_pass: Pass,
        sources: Sources | None = None,
        **inputs: Any,
    ) -> dict[str, Any]:
        """Do a step; without `sources` it attends to what sam2 chooses."""

        def step() -> dict[str, Any]:
            view = self._view(frame_idx, of_pass)
            return self._network.track_step(
                features,
                frame_idx=frame_idx,
                output_dict={
                    "cond_frame_outputs": sources.conditioned if sources else self._conditioned,
                    "non_cond_frame_outputs": sources.tracked if sources else view,
                },
                num_frames=self.num_frames,
                track_in_reverse=of_pass[1],
                **inputs,
            )

        output = self._retry.run(step)
        self._trim()
        return output

    def _view(self, frame_idx: int, of_pass: Pass) -> TrackBank | MemoryView:
        if self._network.rules.clear_around_prompts:
            return MemoryView(self._bank, self._conditioned, frame_idx, of_pass)
        return self._bank

    def _trim(self) -> None:
        if near := self._network.rules.max_conditioning:
            # beyond these, sam2 reads prompted frames among the last ones as if they were tracked
            keep_newest_memories(self._conditioned.values(), near + MEMORY_FRAMES)

    def _frame_features(self, frame_idx: int) -> FrameFeatures:
        return self._features.get(self.key.video_id, frame_idx)

    def _make_output(self, frame_idx: int, prediction: Prediction, prompted: bool) -> FrameOutput:
        def remember() -> torch.Tensor:
            features = self._frame_features(frame_idx)
            return self._retry.run(
                lambda: self._network.encode_memory(features, prediction, from_points=prompted)
            )

        return FrameOutput(prediction, self._network, remember)

    def _previous_logits(self, previous: Prediction) -> torch.Tensor:
        logits = torch.from_numpy(previous.logits_hw.copy()).to(self._network.device)
        return torch.clamp(logits[None, None], -LOGIT_LIMIT, LOGIT_LIMIT)

    def _point_inputs(self, prompt: FramePrompt) -> dict[str, torch.Tensor]:
        coords = [(point.x, point.y) for point in prompt.points]
        labels = [point.label for point in prompt.points]
        if prompt.box is not None:  # a box is two points, in front, labelled 2 and 3
            box = prompt.box
            coords = [(box.x0, box.y0), (box.x1, box.y1), *coords]
            labels = [2, 3, *labels]
        height, width = self.size_hw
        points = torch.tensor(coords, dtype=torch.float32)[None]
        points = points / torch.tensor([width, height]) * self._network.image_size
        return {
            "point_coords": points.to(self._network.device),
            "point_labels": torch.tensor(labels, dtype=torch.int32)[None].to(self._network.device),
        }
