"""From a prediction to its mask: drawn and sent first, then made durable."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sam2_session.core.errors import FsyncFailed, SessionError, StorageFailed
from sam2_session.core.masks import mask_facts
from sam2_session.core.png import encode_bits, encode_gray8
from sam2_session.core.types import BoolMask, MaskSource, SessionKey
from sam2_session.inference.masks import to_mask
from sam2_session.runtime import Future, ThreadPool, monotonic, stop_at_once
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.prediction.answers import Answers, MaskAnswer
from sam2_session.services.prediction.asks import Ask
from sam2_session.services.prediction.predicting import Computed, FramePredictor
from sam2_session.services.projects.project import Projects
from sam2_session.storage.frame_rows import read_frame
from sam2_session.storage.mask_rows import MaskRow

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """A mask that was sent, and is to be saved."""

    computed: Computed
    answer: MaskAnswer
    mask: MaskRow
    mask_hw: BoolMask


class MaskDelivery:
    """Answers asks; a slow disk delays no mask on screen."""

    def __init__(
        self, projects: Projects, predictor: FramePredictor, masks: FrameMasks, answers: Answers
    ) -> None:
        self._projects = projects
        self._predictor = predictor
        self._masks = masks
        self._answers = answers
        self._drawing = ThreadPool(2, thread_name_prefix="draw")
        self._saving = ThreadPool(2, thread_name_prefix="save")

    def deliver(self, ask: Ask, device: Future[Computed | None]) -> None:
        """The device is done with it; what is left is no work for its thread."""
        drawing = self._drawing.submit(self._draw, ask, device)
        drawing.add_done_callback(partial(self._drawn, ask))

    def aside(self, task: Callable[[], None]) -> None:
        """Do this in another thread than the device's."""
        self._drawing.submit(task)

    def fail(self, ask: Ask, error: BaseException) -> None:
        """There is no mask, and everybody who asked hears why."""
        self._tell_failure(ask, error)
        ask.answer.set_exception(error)

    def close(self) -> None:
        """Finish what is under way."""
        self._drawing.shutdown()
        self._saving.shutdown()

    def _draw(self, ask: Ask, device: Future[Computed | None]) -> _Drawn | None:
        """The mask on its way to the screen."""
        if (computed := device.result()) is None:
            self._answers.superseded(ask.place, None, ask.commands)
            return None
        started = monotonic()
        row, score = computed.row, computed.prediction.score
        project = self._projects.get(ask.place[0].video_id)
        painted = self._masks.painted(project, row.state)  # the model's is as coarse as its grid
        mask_hw = to_mask(computed.prediction, project.size_hw) if painted is None else painted
        network = computed.signature if painted is None else None
        facts, human = mask_facts(mask_hw), MaskSource.HUMAN
        mask = MaskRow(row.frame_idx, row.rev, human, facts, None, score, network=network)
        answer = MaskAnswer(row.rev, mask, encode_bits(mask_hw))
        computed.timings["png_s"] = monotonic() - started
        self._answers.drawn(ask.place, answer, ask.commands, computed.timings)
        return _Drawn(computed, answer, mask, mask_hw)

    def _drawn(self, ask: Ask, drawing: Future[_Drawn | None]) -> None:
        error = drawing.exception()
        if error is not None:
            self.fail(ask, error)
        elif (drawn := drawing.result()) is None:
            ask.answer.set_result(None)
        else:
            saving = self._saving.submit(self._save, ask.place[0], drawn)
            saving.add_done_callback(partial(self._saved, ask))

    def _save(self, key: SessionKey, drawn: _Drawn) -> MaskAnswer | None:
        computed, row = drawn.computed, drawn.computed.row
        project = self._projects.get(key.video_id)
        with project.lock:
            newest = project.db.read(lambda tx: read_frame(tx, key, row.frame_idx))
            if newest is None or newest.rev != row.rev:
                return None  # the request of the newer state writes the file
            store = self._predictor.storing(key, computed)
            self._masks.save(project, key, drawn.mask, encode_gray8(drawn.mask_hw), store)
        self._predictor.is_stored(key, computed)
        return drawn.answer

    def _saved(self, ask: Ask, saving: Future[MaskAnswer | None]) -> None:
        error = saving.exception()
        if error is not None:
            self.fail(ask, error)
        else:
            ask.answer.set_result(saving.result())

    def _tell_failure(self, ask: Ask, error: BaseException) -> None:
        if isinstance(error, FsyncFailed):
            stop_at_once()
        key = ask.place[0]
        known = isinstance(error, SessionError)
        log.warning("%s: no mask: %s", key, error, exc_info=None if known else error)
        if isinstance(error, StorageFailed) and (project := self._projects.peek(key.video_id)):
            project.fell_behind(error)
        self._answers.failed(ask.place, error, ask.commands)
