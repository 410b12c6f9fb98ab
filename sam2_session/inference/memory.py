"""Memory of a session: the outputs that later frames attend to, in the shape sam2 reads.

`SAM2Base` reads ``output_dict["cond_frame_outputs"]`` as a dict and asks
``output_dict["non_cond_frame_outputs"].get(frame_idx)`` for the frames around. Both hold
`FrameOutput`s, whose memory is computed on first use, so that dropping and rebuilding is invisible.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from sam2_session.core.predictions import Prediction
from sam2_session.inference.network import Network, by_token
from sam2_session.storage.layered_log import LayeredLog
from sam2_session.storage.track_log import RecordKind, TrackRecord, TrackTrust

Pass = tuple[int, bool]  # the number of a run, and whether it goes backward
RING_FRAMES = 15  # a step reads 15 object pointers back,
MEMORY_FRAMES = 6  # and 6 memories
CLEARED_FRAMES = 7  # around a prompted frame: sam2's num_maskmem
_USES = itertools.count(1)


class FrameOutput(dict[str, Any]):
    """One frame's output under sam2's own keys; ``maskmem_features`` is computed on first use."""

    def __init__(
        self, prediction: Prediction, network: Network, remember: Callable[[], torch.Tensor]
    ) -> None:
        pointer = torch.from_numpy(prediction.pointer_c.copy())[None]
        super().__init__(obj_ptr=pointer.to(network.device))
        self.prediction = prediction
        self._network = network
        self._remember = remember
        self._memory: torch.Tensor | None = None
        self.last_use = 0  # counted over all outputs
        self.of_pass: Pass | None = None  # the pass that tracked it

    def __missing__(self, name: str) -> Any:
        if name == "maskmem_features":
            self.last_use = next(_USES)
            if self._memory is None:
                self._memory = self._remember()
            # Handed out as float32: the values are bfloat16's, but a memory without any pointer
            # beside it would otherwise reach a float32 layer as bfloat16 and crash there.
            return self._memory.float()
        if name == "maskmem_pos_enc":
            return self._network.memory_pos
        raise KeyError(name)

    def keep_memory(self, memory: torch.Tensor) -> None:
        """Keep a memory that was just computed, as bfloat16."""
        self._memory = by_token(memory.to(torch.bfloat16))

    def drop_memory(self) -> None:
        """Free the memory; it is computed again when a frame attends to it."""
        self._memory = None

    @property
    def has_memory(self) -> bool:
        """Return whether the memory lies on the device."""
        return self._memory is not None

    @property
    def nbytes(self) -> int:
        """Bytes held on the device, without `prediction`, which lies in main memory."""
        pointer: torch.Tensor = self["obj_ptr"]
        return pointer.nbytes + (0 if self._memory is None else self._memory.nbytes)


@dataclass(frozen=True, slots=True)
class Sources:
    """Outputs that a frame attends to: of prompted frames, in sam2's order, and tracked ones."""

    conditioned: Mapping[int, FrameOutput]
    tracked: dict[int, FrameOutput]

    @property
    def read(self) -> list[FrameOutput]:
        """The outputs of tracked frames, which stay in memory for the next step."""
        return [output for output in self.tracked.values() if output.of_pass is not None]

    @property
    def frames(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Their frame_idx; sessions with the same ones can be tracked in one call."""
        return tuple(self.conditioned), tuple(self.tracked)


def keep_newest_memories(outputs: Iterable[FrameOutput], count: int) -> None:
    """Free all memories but those used last."""
    held = sorted(
        (output for output in outputs if output.has_memory), key=lambda output: output.last_use
    )
    for output in held[: max(len(held) - count, 0)]:
        output.drop_memory()


class TrackBank:
    """Tracked frames of one session: the last few in memory, the others in the track log."""

    def __init__(
        self,
        log: LayeredLog,
        make_output: Callable[[int, Prediction, bool], FrameOutput],
        is_conditioned: Callable[[int], bool],
    ) -> None:
        self._log = log
        self._make_output = make_output
        self._is_conditioned = is_conditioned
        self._ring: dict[int, FrameOutput] = {}

    def get(self, frame_idx: int, default: Any = None) -> Any:
        """Return the output of a tracked frame, or the default; conditioned frames have none."""
        if self._is_conditioned(frame_idx):
            return default
        if frame_idx not in self._ring:
            record = self._log.read(frame_idx)
            if record is None or record.prediction is None:
                return default
            output = self._make_output(frame_idx, record.prediction, False)
            output.of_pass = (record.run, record.reverse)
            self._ring[frame_idx] = output
        return self._ring[frame_idx]

    def record(self, frame_idx: int) -> TrackRecord | None:
        """Return the log's record of a frame, conditioned ones included."""
        return self._log.read(frame_idx)

    def record_before(self, frame_idx: int, run: int) -> TrackRecord | None:
        """Return the log's record of a frame from before this run."""
        return self._log.read_before(frame_idx, run)

    def begin_layer(self, run: int) -> list[int]:
        """Give a run a layer of the log; see `LayeredLog.add_layer`."""
        return self._log.add_layer(run)

    def fold_layers(self) -> list[int]:
        """Make one layer of the log; returns the runs that had one."""
        return self._log.fold()

    def put(self, frame_idx: int, output: FrameOutput, *, reverse: bool, run: int) -> None:
        """Remember a frame just tracked, in the log and in the ring."""
        self._log.write(frame_idx, output.prediction, reverse=reverse, run=run)
        output.of_pass = (run, reverse)
        self._ring[frame_idx] = output

    def pass_over(self, frame_idx: int, *, reverse: bool, run: int) -> None:
        """Remember that a run passed over a conditioned frame."""
        self._log.mark_conditioned(frame_idx, reverse=reverse, run=run)
        self._ring.pop(frame_idx, None)

    def forget(self, frame_idx: int) -> None:
        """Erase a frame that was conditioned and no longer is: it has no output at all."""
        record = self._log.read(frame_idx)
        if record is not None and record.kind == RecordKind.CONDITIONED:
            self._log.erase(frame_idx)

    def erase(self, frame_idx: int) -> None:
        """Erase the output of a tracked frame."""
        if not self._is_conditioned(frame_idx):
            self._log.erase(frame_idx)
            self._ring.pop(frame_idx, None)

    def restore(self, frame_idx: int) -> None:
        """Undo `forget`."""
        self._log.restore(frame_idx)
        self._ring.pop(frame_idx, None)

    def trust(self, frame_idx: int) -> TrackTrust | None:
        """Return how far a tracked frame is to be trusted; None for conditioned ones."""
        return None if self._is_conditioned(frame_idx) else self._log.read_trust(frame_idx)

    def trim(self, frame_idx: int, read: Collection[FrameOutput] = ()) -> None:
        """Drop what a step near this frame does not read; it reads more pointers than memories.

        What the last step has `read` further away stays for the next one.
        """
        kept = {id(output) for output in read}
        for idx in list(self._ring):
            if id(self._ring[idx]) in kept:
                continue
            if abs(idx - frame_idx) >= RING_FRAMES:
                del self._ring[idx]
            elif abs(idx - frame_idx) >= MEMORY_FRAMES:
                self._ring[idx].drop_memory()

    def close(self) -> None:
        """Release the log and the ring."""
        self._ring.clear()
        self._log.close()

    @property
    def nbytes(self) -> int:
        """Bytes held by the ring, on the device and in main memory."""
        return sum(output.nbytes + output.prediction.nbytes for output in self._ring.values())


class MemoryView:
    """Bank as seen from one frame of one pass, when memories around prompts are cleared.

    Of the tracked frames within 7 of a prompted one, two kinds are hidden: those of the same pass
    for which that frame lies between here and there, and all of another pass (an earlier run, or
    the other direction). So it depends on nothing but what is on disk. sam2 means the same by
    ``clear_non_cond_mem_around_input``, as an act: it clears them when a pass comes by.
    """

    def __init__(
        self, bank: TrackBank, conditioned: Iterable[int], frame_idx: int, of_pass: Pass
    ) -> None:
        self._bank = bank
        self._conditioned = tuple(conditioned)
        self._frame_idx = frame_idx
        self._of_pass = of_pass

    def get(self, frame_idx: int, default: Any = None) -> Any:
        """Return the output of a tracked frame, or the default if there is none or it is hidden."""
        output: FrameOutput | None = self._bank.get(frame_idx)
        if output is None or self._is_cleared(frame_idx, output.of_pass):
            return default
        return output

    def _is_cleared(self, frame_idx: int, of_pass: Pass | None) -> bool:
        low, high = sorted((frame_idx, self._frame_idx))
        same = of_pass == self._of_pass
        return any(
            abs(prompted - frame_idx) <= CLEARED_FRAMES and (low < prompted < high or not same)
            for prompted in self._conditioned
        )
