"""The outputs a session's later frames attend to, handed to SAM 2 in the shape it reads.

`SAM2Base` reads ``output_dict["cond_frame_outputs"]`` as a dict and asks
``output_dict["non_cond_frame_outputs"].get(frame_idx)`` for the frames around. Both hold
`FrameOutput`s, whose memory is computed on first use, so that dropping and rebuilding is invisible.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from sam2_session.core.predictions import Prediction
from sam2_session.inference.network import Network
from sam2_session.storage.track_log import RecordKind, TrackLog, TrackRecord

RING_FRAMES = 15  # a step reads 15 object pointers back,
MEMORY_FRAMES = 6  # and 6 memories


class FrameOutput(dict[str, Any]):
    """One frame's output under sam2's own keys; ``maskmem_features`` comes when asked for."""

    def __init__(
        self, prediction: Prediction, network: Network, remember: Callable[[], torch.Tensor]
    ) -> None:
        pointer = torch.from_numpy(prediction.pointer_c.copy())[None]
        super().__init__(obj_ptr=pointer.to(network.device))
        self.prediction = prediction
        self._network = network
        self._remember = remember
        self._memory: torch.Tensor | None = None

    def __missing__(self, name: str) -> Any:
        if name == "maskmem_features":
            if self._memory is None:
                self._memory = self._remember()
            # Handed out as float32: the values are bfloat16's, but a memory without any pointer
            # beside it would otherwise reach a float32 layer as bfloat16 and crash there.
            return self._memory.float()
        if name == "maskmem_pos_enc":
            return self._network.memory_pos
        raise KeyError(name)

    def keep_memory(self, memory: torch.Tensor) -> None:
        """Take over a memory that was just computed."""
        self._memory = memory.to(torch.bfloat16)

    def drop_memory(self) -> None:
        """Free the memory; it is computed again if a frame asks for it."""
        self._memory = None

    @property
    def nbytes(self) -> int:
        """Bytes held on the device; `prediction` lies beside it."""
        pointer: torch.Tensor = self["obj_ptr"]
        return pointer.nbytes + (0 if self._memory is None else self._memory.nbytes)


class TrackBank:
    """Tracked frames of one session: a short ring in memory, everything else from the track log."""

    def __init__(
        self,
        log: TrackLog,
        make_output: Callable[[int, Prediction, bool], FrameOutput],
        is_conditioned: Callable[[int], bool],
    ) -> None:
        self._log = log
        self._make_output = make_output
        self._is_conditioned = is_conditioned
        self._ring: dict[int, FrameOutput] = {}

    def get(self, frame_idx: int, default: Any = None) -> Any:
        """The output of a tracked frame, or the default; a conditioned frame is not here."""
        if self._is_conditioned(frame_idx):
            return default
        if frame_idx not in self._ring:
            record = self._log.read(frame_idx)
            if record is None or record.prediction is None:
                return default
            self._ring[frame_idx] = self._make_output(frame_idx, record.prediction, False)
        return self._ring[frame_idx]

    def record(self, frame_idx: int) -> TrackRecord | None:
        """What the log knows of a frame, conditioned ones included."""
        return self._log.read(frame_idx)

    def put(self, frame_idx: int, output: FrameOutput, *, reverse: bool, run: int) -> None:
        """Remember a frame just tracked, in the log and in the ring."""
        self._log.write(frame_idx, output.prediction, reverse=reverse, run=run)
        self._ring[frame_idx] = output
        self.trim(frame_idx)

    def pass_over(self, frame_idx: int, *, reverse: bool, run: int) -> None:
        """Remember that a run passed over a conditioned frame."""
        self._log.mark_conditioned(frame_idx, reverse=reverse, run=run)
        self._ring.pop(frame_idx, None)

    def forget(self, frame_idx: int) -> None:
        """The frame was conditioned and no longer is: it has no output at all."""
        record = self._log.read(frame_idx)
        if record is not None and record.kind == RecordKind.CONDITIONED:
            self._log.erase(frame_idx)

    def restore(self, frame_idx: int) -> None:
        """Take `forget` back."""
        self._log.restore(frame_idx)
        self._ring.pop(frame_idx, None)

    def trim(self, frame_idx: int) -> None:
        """Keep what a step at a neighbour reads: pointers further back than memories."""
        for idx in list(self._ring):
            if abs(idx - frame_idx) >= RING_FRAMES:
                del self._ring[idx]
            elif abs(idx - frame_idx) >= MEMORY_FRAMES:
                self._ring[idx].drop_memory()

    def close(self) -> None:
        """Release the log."""
        self._log.close()

    @property
    def nbytes(self) -> int:
        """Bytes held by the ring, on the device and beside it."""
        return sum(output.nbytes + output.prediction.nbytes for output in self._ring.values())
