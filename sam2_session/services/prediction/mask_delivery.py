"""From a prediction to its mask: drawn and sent first, then saved."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from sam2_session.core.errors import FsyncFailed, SessionError, StorageFailed
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_bits, encode_gray8
from sam2_session.core.types import BoolMask, MaskSource
from sam2_session.inference.masks import to_mask
from sam2_session.runtime import Future, ThreadPool, monotonic, stop_at_once
from sam2_session.services.masks.frame_mask import FrameMask
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.prediction.client_replies import ClientReplies
from sam2_session.services.prediction.predictor import FramePrediction, FramePredictor
from sam2_session.services.prediction.request_queue import MaskRequest
from sam2_session.services.projects.project import Projects
from sam2_session.storage.frame_rows import read_frame
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
    ) -> None:
        self._projects = projects
        self._predictor = predictor
        self._masks = masks
        self._replies = replies
        self._drawing = ThreadPool(2, thread_name_prefix="draw")
        self._saving = ThreadPool(2, thread_name_prefix="save")

    def deliver(self, request: MaskRequest, device: Future[FramePrediction | None]) -> None:
        """Start to deliver what the device computed, or raised."""
        self._drawing.submit(self._draw_and_send, request, device)

    def run(self, task: Callable[[], None]) -> None:
        """Run a task in a drawing thread."""
        self._drawing.submit(task)

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
        self._saving.shutdown()

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
            self._saving.submit(self._save, request, predicted, mask, mask_hw)

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

    def _save(
        self, request: MaskRequest, predicted: FramePrediction, mask: FrameMask, mask_hw: BoolMask
    ) -> None:
        """Save file, row and predictions; not if the frame changed, then its newer request does."""
        with self._failing(request):
            key = request.frame.key
            project = self._projects.get(key.video_id)
            with project.lock:
                newest = project.db.read(lambda tx: read_frame(tx, *request.frame))
                if newest is None or newest.rev != mask.rev or mask.row is None:
                    request.mask.set_result(None)
                    return
                also = partial(self._predictor.save, key=key, predicted=predicted)
                self._masks.save(project, key, mask.row, encode_gray8(mask_hw), also)
            self._predictor.saved(key, predicted)
            request.mask.set_result(mask)

    @contextmanager
    def _failing(self, request: MaskRequest) -> Iterator[None]:
        """Turn an error into the reply to everybody who waits for the mask."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the error travels to whoever waits for the mask
            self.fail(request, error)
