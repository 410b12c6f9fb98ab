"""One SAM 2 network of the unmodified package: encode a frame, track a frame, encode a memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from sam2_session.core.predictions import FloatArray, Prediction
from sam2_session.core.types import BoolMask
from sam2_session.inference.attention import ProductAttention, gains_from_products
from sam2_session.inference.candidates import Preference, note_candidates
from sam2_session.inference.constants import keep_constants
from sam2_session.inference.memory_attention import share_work

# weighs the candidates of one object: masks (m, h, w) and the IoU expected of each
Prefer = Callable[[BoolMask, Sequence[float]], list[float]]

IMAGE_MEAN = (0.485, 0.456, 0.406)  # ImageNet's, as sam2.utils.misc normalises with
IMAGE_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True, eq=False)
class FrameFeatures:
    """The backbone's output for one frame, flattened as `SAM2Base.track_step` takes it."""

    vision_feats: list[torch.Tensor]  # per level (hw, 1, c)
    vision_pos_embeds: list[torch.Tensor]  # last level only: the others are never read
    feat_sizes: list[tuple[int, int]]

    @property
    def nbytes(self) -> int:
        """Bytes held, not counting the position code, which all frames share."""
        return sum(feat.nbytes for feat in self.vision_feats)


@dataclass(frozen=True, slots=True)
class AttentionRules:
    """Choice of the memories a tracked frame attends to; masks depend on it.

    The defaults are sam2's own. `max_conditioning`: at most so many prompted frames, nearest in
    time (always the nearest before and the nearest after); 0: all. `clear_around_prompts`: frames
    behind a prompted one do not attend to those tracked just before it; see `memory.MemoryView`.
    """

    max_conditioning: int = 0
    clear_around_prompts: bool = False

    @property
    def signature(self) -> str:
        """Suffix that the rules add to a network's signature; empty for the defaults."""
        near = f"/near{self.max_conditioning}" if self.max_conditioning else ""
        return near + ("/clear" if self.clear_around_prompts else "")


class Network:
    """A loaded network on a device; all methods but `prepare` run in the device thread only.

    Those that compute raise what torch raises; callers wrap them in `out_of_memory.MemoryRetry`.
    """

    def __init__(
        self, model: Any, *, name: str, weights: str, device: torch.device, precision: str
    ) -> None:
        self.model = model
        self.name = name
        self.weights = weights
        self.device = device
        self.precision = precision
        self.image_size: int = model.image_size
        self.logits_hw = (self.image_size // 4, self.image_size // 4)
        self.pointer_channels: int = model.hidden_dim
        self.rules = AttentionRules()
        keep_constants(model)
        share_work(model)
        self.candidates = note_candidates(model)
        self._by_products = gains_from_products(device, precision, self.image_size)
        self._vision_pos: list[torch.Tensor] | None = None
        self._memory_pos: list[torch.Tensor] | None = None
        self._pixel_values = _pixel_values().to(device)

    @property
    def signature(self) -> str:
        """Tag of stored predictions, so that another network's are never mixed in."""
        return f"{self.name}/{self.weights}/{self.precision}{self.rules.signature}"

    def attend_by(self, rules: AttentionRules) -> None:
        """Set the rules of attention; call it before anything is tracked."""
        self.rules = rules
        self.model.max_cond_frames_in_attn = rules.max_conditioning or -1

    @contextmanager
    def context(self) -> Iterator[None]:
        """Enter inference mode and autocast, which are both thread-local."""
        bf16 = self.precision == "bf16"
        with (
            torch.inference_mode(),
            torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=bf16),
        ):
            yield

    def prepare(self, path: Path) -> torch.Tensor:
        """Read a frame file at the model's input size, (3, s, s) uint8; from any thread.

        In float32 these are the pixels of sam2's own loader. In bfloat16 torch resizes, which
        is sooner done: 1 pixel in 160 is off by a grey level of 255, 1 in 600 000 by two.
        """
        size = (self.image_size, self.image_size)
        with Image.open(path) as image:
            frame_rgb = image if image.mode == "RGB" else image.convert("RGB")  # it would copy
            if self.precision == "fp32":
                frame_rgb = frame_rgb.resize(size)
            pixels = torch.from_numpy(np.array(frame_rgb)).permute(2, 0, 1)
        if pixels.shape[1:] != size:
            pixels = F.interpolate(pixels[None], size, mode="bicubic", antialias=True)[0]
        return pixels.contiguous()

    def encode(self, pixels: torch.Tensor) -> FrameFeatures:
        """Run the image encoder on one prepared frame."""
        batch = self._normalise(pixels.to(self.device)).unsqueeze(0)
        if self.precision == "bf16":
            batch = batch.contiguous(memory_format=torch.channels_last)
        with self._attention():
            backbone = self.model.forward_image(batch)
        _, feats, positions, sizes = self.model._prepare_backbone_features(backbone)
        if self._vision_pos is None:
            self._vision_pos = [positions[-1].clone()]
        return FrameFeatures(feats, self._vision_pos, sizes)

    def _normalise(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return (3, s, s) float32, the same bits as sam2's own way through float64."""
        planes = [
            values.index_select(0, plane.flatten().int()).view(plane.shape)
            for values, plane in zip(self._pixel_values, pixels, strict=True)
        ]
        return torch.stack(planes)

    def track_step(
        self,
        features: FrameFeatures,
        *,
        prefer: Prefer | Sequence[Prefer | None] | None = None,
        **inputs: Any,
    ) -> dict[str, Any]:
        """Run `SAM2Base.track_step` on a frame's features.

        `prefer` weighs the candidates of each object of the batch. The output has, besides, the
        `candidates` (n, m, h, w) and the `ious` (n, m) expected of them.
        """
        by_object = prefer if isinstance(prefer, Sequence) else [prefer]
        self.candidates.prefer = _of_batch(by_object) if any(by_object) else None
        # only the decoder attends without memories, to so little that torch's own is as fast
        with nullcontext() if inputs["is_init_cond_frame"] else self._attention():
            output: dict[str, Any] = self.model.track_step(
                current_vision_feats=features.vision_feats,
                current_vision_pos_embeds=features.vision_pos_embeds,
                feat_sizes=features.feat_sizes,
                **inputs,
            )
        output["ious"], output["candidates"] = self.candidates.ious, self.candidates.logits
        return output

    def _attention(self) -> AbstractContextManager[Any]:
        return ProductAttention() if self._by_products else nullcontext()

    def encode_memory(
        self, features: FrameFeatures, prediction: Prediction, *, from_points: bool
    ) -> torch.Tensor:
        """Compute a frame's memory from its stored prediction; bfloat16 as sam2 keeps it."""
        logits = torch.from_numpy(prediction.logits_hw.copy()).to(self.device)[None, None]
        size = (self.image_size, self.image_size)
        high_res = F.interpolate(logits, size=size, mode="bilinear", align_corners=False)
        memory, positions = self.model._encode_new_memory(
            current_vision_feats=features.vision_feats,
            feat_sizes=features.feat_sizes,
            pred_masks_high_res=high_res,
            object_score_logits=torch.full((1, 1), prediction.score, device=self.device),
            is_mask_from_pts=from_points,
        )
        self.keep_memory_pos(positions)
        return by_token(memory.to(torch.bfloat16))

    def keep_memory_pos(self, positions: list[torch.Tensor]) -> None:
        """Keep one copy of the memory's position code, which is the same for every frame."""
        if self._memory_pos is None:
            self._memory_pos = [by_token(position[0:1].clone()) for position in positions]

    def return_unused(self) -> None:
        """Give back the GPU memory that torch reserves without using it."""
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def device_memory(self) -> tuple[int, int]:
        """Return how many bytes of the GPU are in use, and how many it has; zeros on a CPU.

        What torch reserves without using it counts as free.
        """
        if self.device.type != "cuda":
            return 0, 0
        free, total = torch.cuda.mem_get_info(self.device)
        spare = torch.cuda.memory_reserved(self.device) - torch.cuda.memory_allocated(self.device)
        return total - free - spare, total

    @property
    def memory_pos(self) -> list[torch.Tensor]:
        """Position code that all memories share; set once a memory was encoded."""
        assert self._memory_pos is not None
        return self._memory_pos

    def read_prediction(self, output: Mapping[str, Any]) -> Prediction:
        """Copy the logits, pointer and score out of a `track_step` output."""
        return Prediction(
            logits_hw=_to_numpy(output["pred_masks"][0, 0]),
            pointer_c=_to_numpy(output["obj_ptr"][0]),
            score=float(output["object_score_logits"].reshape(-1)[0]),
            iou=float(output["ious"][0].max()),
        )


def by_token(memory: torch.Tensor) -> torch.Tensor:
    """Lay a memory (n, c, h, w) out token by token, as every later step reads it."""
    return memory.contiguous(memory_format=torch.channels_last)


def _of_batch(by_object: Sequence[Prefer | None]) -> Preference:
    def prefer(logits: torch.Tensor, ious: torch.Tensor) -> torch.Tensor:
        masks_nmhw = (logits.float() > 0).cpu().numpy()
        weighed = [
            row if own is None else own(masks_mhw, row)
            for own, masks_mhw, row in zip(by_object, masks_nmhw, ious.tolist(), strict=True)
        ]
        return torch.tensor(weighed, dtype=ious.dtype, device=ious.device)

    return prefer


def _pixel_values() -> torch.Tensor:
    """Return (3, 256): the normalised float32 of each channel value, in sam2's order of steps."""
    values = torch.from_numpy(np.arange(256, dtype=np.uint8) / 255.0).float()
    mean = torch.tensor(IMAGE_MEAN, dtype=torch.float32)[:, None]
    std = torch.tensor(IMAGE_STD, dtype=torch.float32)[:, None]
    return (values[None] - mean) / std


def _to_numpy(tensor: torch.Tensor) -> FloatArray:
    array: FloatArray = tensor.float().cpu().numpy().copy()
    return array
