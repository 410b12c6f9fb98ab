"""Delivers the mask of a prediction: draws and sends it first, then saves it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from sam2_session.core.errors import FsyncFailed, SessionError, StorageFailed
from sam2_session.core.events import EventBus
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_bits, encode_gray8
from sam2_session.core.types import BoolMask, MaskSource
from sam2_session.inference.masks import to_mask
from sam2_session.inference.scheduler import Priority
from sam2_session.loops import seen
from sam2_session.runtime import Future, ThreadPool, monotonic, stop_at_once
from sam2_session.services.masks.frame_mask import FrameMask, PairFrame
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.prediction.client_replies import ClientReplies
from sam2_session.services.prediction.mask_saver import MaskSaver, UnsavedMask
from sam2_session.services.prediction.predictor import FramePrediction, FramePredictor
from sam2_session.services.prediction.request_queue import MaskRequest
from sam2_session.services.projects.commands import Command
from sam2_session.services.projects.projects import Projects
from sam2_session.storage.frame_rows import FrameRow
from sam2_session.storage.mask_rows import MaskRow

log = logging.getLogger(__name__)


class MaskDelivery:
    """Draws, sends, then saves a mask, each in threads of its own.

    So the device thread only computes, and a slow disk delays no mask on screen.
    """

    def __init__(
        self,
        projects: Projects,
        predictor: FramePredictor,
        masks: FrameMasks,
        replies: ClientReplies,
        bus: EventBus,
    ) -> None:
        self._projects = projects
        self._predictor = predictor
        self._masks = masks
        self._replies = replies
        self._drawing = ThreadPool(2, thread_name_prefix="draw")
        self._saver = MaskSaver(projects, bus)
        self._unsaved: dict[Future[FrameMask | None], str] = {}  # with their videos

    def deliver(self, request: MaskRequest, device: Future[FramePrediction | None]) -> None:
        """Start to deliver what the device computed, or raised."""
        self._hold(request.frame, request.mask)
        self._drawing.submit(seen(self._draw_and_send, "draw"), request, device)

    def settle(
        self, frame: PairFrame, row: FrameRow, commands: Sequence[Command]
    ) -> Future[FrameMask | None]:
        """Start to put back the mask from before a frame's prompts, which are removed."""
        request = MaskRequest(frame, Priority.CLICK, list(commands))
        self._hold(frame, request.mask)
        self._drawing.submit(seen(self._settle, "draw"), request, row)
        return request.mask

    def finish(self, video_id: str) -> None:
        """Wait until the masks of a video that are on their way are on disk, or failed."""
        for mask, video in list(self._unsaved.items()):
            if video == video_id:
                mask.exception()

    def run(self, task: Callable[[], None]) -> None:
        """Run a task in a drawing thread."""
        self._drawing.submit(seen(task, "draw"))

    def fail(self, request: MaskRequest, error: Exception) -> None:
        """Tell everybody who waits why there is no mask."""
        if isinstance(error, FsyncFailed):
            stop_at_once()
        key = request.frame.key
        is_known = isinstance(error, SessionError)
        log.warning("%s: no mask: %s", key, error, exc_info=None if is_known else error)
        if isinstance(error, StorageFailed) and (project := self._projects.peek(key.video_id)):
            project.fell_behind(error)
        self._replies.failed(request.frame, error, request.commands)
        request.mask.set_exception(error)

    def close(self) -> None:
        """Finish the masks under way."""
        self._drawing.shutdown()
        self._saver.close()

    def _hold(self, frame: PairFrame, mask: Future[FrameMask | None]) -> None:
        self._unsaved[mask] = frame.key.video_id
        mask.add_done_callback(lambda done: self._unsaved.pop(done, None))

    def _draw_and_send(self, request: MaskRequest, device: Future[FramePrediction | None]) -> None:
        with self._failing(request):
            predicted = device.result()
            if predicted is None:
                self._replies.superseded(request.frame, None, request.commands)
                request.mask.set_result(None)
                return
            started = monotonic()
            row, mask_hw = self._draw(request, predicted)
            mask = FrameMask(row.rev, row, encode_bits(mask_hw))
            predicted.timings["png_s"] = monotonic() - started
            self._replies.drawn(request.frame, mask, request.commands, predicted.timings)
            self._saver.put(self._unsaved_mask(request, predicted, mask, mask_hw))

    def _draw(self, request: MaskRequest, predicted: FramePrediction) -> tuple[MaskRow, BoolMask]:
        """Return the mask in source pixels and its row; a mask by hand stays as it was painted.

        If it was painted just as the approved mask that it replaces, it is approved, too; so is one
        that undo or redo brings back approved.
        """
        project = self._projects.get(request.frame.key.video_id)
        painted = self._masks.painted(project, predicted.row.state)
        mask_hw = to_mask(predicted.prediction, project.size_hw) if painted is None else painted
        network = predicted.signature if painted is None else None
        key = request.frame.key
        is_back = self._masks.brings_approval(project, key, predicted.row, network)
        row = MaskRow(
            predicted.row.frame_idx,
            predicted.row.rev,
            MaskSource.HUMAN,
            mask_facts(mask_hw),
            score=predicted.prediction.score,
            network=network,
            approved=is_back
            or (
                painted is not None and self._masks.is_approved_as(project, request.frame, painted)
            ),
        )
        return row, mask_hw

    def _unsaved_mask(
        self,
        request: MaskRequest,
        predicted: FramePrediction,
        mask: FrameMask,
        mask_hw: BoolMask,
    ) -> UnsavedMask:
        key = request.frame.key
        return UnsavedMask(
            request.frame,
            mask,
            partial(_encode, predicted, mask_hw),
            request.mask,
            partial(self.fail, request),
            is_prompted=True,
            also=partial(self._predictor.save, key=key, predicted=predicted),
            saved=partial(self._predictor.saved, key, predicted),
        )

    def _settle(self, request: MaskRequest, row: FrameRow) -> None:
        with self._failing(request):
            project = self._projects.get(request.frame.key.video_id)
            mask, png = self._masks.of_state(project, row)
            self._replies.drawn(request.frame, mask, request.commands, {})
            self._saver.put(
                UnsavedMask(
                    request.frame,
                    mask,
                    lambda: png,
                    request.mask,
                    partial(self.fail, request),
                    is_prompted=False,
                )
            )

    @contextmanager
    def _failing(self, request: MaskRequest) -> Iterator[None]:
        """Turn an error into the reply to everybody who waits for the mask."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the error travels to whoever waits for the mask
            self.fail(request, error)


def _encode(predicted: FramePrediction, mask_hw: BoolMask) -> bytes:
    """Make the PNG of a mask, and what its row needs: nothing is left to compute in the commit."""
    predicted.pack()
    return encode_gray8(mask_hw)
