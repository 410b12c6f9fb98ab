"""Steps of people through a batch: save, skip, reset, and on to the next item to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from sam2_session.core.batch_step import GOES_ON, Step, Verb
from sam2_session.core.errors import NothingToDo
from sam2_session.services.batches.book import BatchBook, item_of
from sam2_session.services.batches.handouts import Handouts
from sam2_session.services.batches.item_annotations import ItemAnnotations
from sam2_session.services.batches.processing import BatchProcessing
from sam2_session.services.batches.records import BatchItem, ItemMarks
from sam2_session.services.batches.service import BatchService
from sam2_session.services.batches.states import BatchStates, ItemView, counts_of


class BatchSteps:
    """Does steps, and announces the items that they change."""

    def __init__(
        self,
        service: BatchService,
        book: BatchBook,
        states: BatchStates,
        annotations: ItemAnnotations,
        processing: BatchProcessing,
        handouts: Handouts,
    ) -> None:
        self._service = service
        self._book = book
        self._states = states
        self._annotations = annotations
        self._processing = processing
        self._handouts = handouts
        self._actions: Mapping[Verb, Callable[[Step, ItemView], None]] = {
            Verb.ENTER: self._enter,
            Verb.NEXT: self._nothing,
            Verb.SAVE: self._save,
            Verb.SKIP: self._skip,
            Verb.UNSKIP: self._unskip,
            Verb.RESET: self._reset,
            Verb.UNDO_RESET: self._undo_reset,
            Verb.START_FROM_LAST_MASK: self._start_from_last_mask,
            Verb.PROCESS: self._process,
            Verb.APPROVE: self._approve,
            Verb.REJECT: self._reject,
            Verb.NOTE: self._note,
        }

    def do(self, step: Step) -> dict[str, Any]:
        """Do a step; return the item, the next one to do if there is one, and the counts."""
        batch = self._book.get(step.batch_id)
        item_of(batch, step.number)
        view = self._states.read_one(batch, step.number)
        self._actions[step.verb](step, view)
        handed = None
        if step.verb in GOES_ON:
            handed = self._handouts.hand_out(step.batch_id, step.number, step.client_id)
        batch = self._book.get(step.batch_id)
        views = {view.number: view for view in self._states.read(batch)}
        now = views.get(step.number)
        following = views.get(handed) if handed else None
        changed = [view for view in (now, following) if view is not None]
        self._service.announce(batch, changed, list(views.values()))
        return {
            "item": now.to_wire() if now else None,
            "next": following.to_wire() if following else None,
            "counts": counts_of(list(views.values())),
        }

    def _enter(self, step: Step, view: ItemView) -> None:
        self._handouts.enter(step.batch_id, view, step.client_id)

    def _nothing(self, step: Step, view: ItemView) -> None:
        pass

    def _save(self, step: Step, view: ItemView) -> None:
        if not view.facts.prompted_frames:
            raise NothingToDo(
                f"Item {step.number} has no points yet.",
                hint="Click on the object first, or skip the item.",
            )
        self._mark(step, saved=True, skipped=False)

    def _skip(self, step: Step, view: ItemView) -> None:
        self._mark(step, skipped=True)

    def _unskip(self, step: Step, view: ItemView) -> None:
        self._mark(step, skipped=False)

    def _reset(self, step: Step, view: ItemView) -> None:
        cleared = tuple(self._annotations.clear(view.video_id))
        if not cleared and view.item.marks == ItemMarks(note=view.item.marks.note):
            raise NothingToDo(f"Item {step.number} has nothing to reset.")

        def edit(item: BatchItem) -> BatchItem:
            marks = ItemMarks(note=item.marks.note)
            return replace(item, marks=marks, before_reset=item.marks, cleared=cleared)

        self._book.change_item(step.batch_id, step.number, edit)

    def _undo_reset(self, step: Step, view: ItemView) -> None:
        if view.item.before_reset is None:
            raise NothingToDo(f"Item {step.number} was not reset.")
        self._annotations.restore(view.video_id, view.item.cleared)

        def edit(item: BatchItem) -> BatchItem:
            marks = replace(item.before_reset or item.marks, note=item.marks.note)
            return replace(item, marks=marks, before_reset=None, cleared=())

        self._book.change_item(step.batch_id, step.number, edit)

    def _start_from_last_mask(self, step: Step, view: ItemView) -> None:
        if step.number == 1:
            raise NothingToDo("The first item has none before it.", hint="Click on the object.")
        before = self._book.get(step.batch_id).items[step.number - 2].video_id
        self._annotations.start_from_last_mask(before, view.video_id)

    def _process(self, step: Step, view: ItemView) -> None:
        self._mark(step, saved=True, skipped=False, error=None)
        self._processing.run_now(view)

    def _approve(self, step: Step, view: ItemView) -> None:
        self._annotations.approve(view)
        self._mark(step, rejected=None, error=None)

    def _reject(self, step: Step, view: ItemView) -> None:
        self._annotations.take_approval_back(view)
        self._mark(step, rejected=step.text)

    def _note(self, step: Step, view: ItemView) -> None:
        self._mark(step, note=step.text)

    def _mark(self, step: Step, **marks: Any) -> None:
        self._book.mark(step.batch_id, step.number, **marks)
