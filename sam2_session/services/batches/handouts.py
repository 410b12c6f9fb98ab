"""Hands items to do to people, each to one of them, and prepares what comes next."""

from __future__ import annotations

from sam2_session.runtime import Lock
from sam2_session.services.batches.ahead import NextItems
from sam2_session.services.batches.book import BatchBook
from sam2_session.services.batches.claims import Claims
from sam2_session.services.batches.item_annotations import ItemAnnotations
from sam2_session.services.batches.records import Batch
from sam2_session.services.batches.states import BatchStates, ItemState, ItemView


class Handouts:
    """Finds the next item that nobody else is on."""

    def __init__(
        self,
        book: BatchBook,
        states: BatchStates,
        claims: Claims,
        annotations: ItemAnnotations,
        ahead: NextItems,
    ) -> None:
        self._book = book
        self._states = states
        self._claims = claims
        self._annotations = annotations
        self._ahead = ahead
        self._lock = Lock()  # two clients must not be handed one item

    def hand_out(self, batch_id: str, came_from: int, client_id: str) -> int | None:
        """Claim the next item to do for a client; return its number, None if there is none.

        It and the one after it are prepared.
        """
        with self._lock:
            batch = self._book.get(batch_id)
            to_do = self._free_items(batch, came_from, client_id)
            if not to_do:
                self._claims.release(client_id)
                return None
            following = to_do[0]
            if client_id:
                self._claims.claim(client_id, following.video_id)
        self._begin(batch, came_from, following, to_do[1:])
        return following.number

    def enter(self, batch_id: str, view: ItemView, client_id: str) -> None:
        """Claim an item that a client chose, and prepare it and the next to do."""
        batch = self._book.get(batch_id)
        if client_id:
            self._claims.claim(client_id, view.video_id)
        following = self._free_items(batch, view.number, client_id)
        self._begin(batch, max(1, view.number - 1), view, following)

    def _begin(
        self, batch: Batch, came_from: int, entered: ItemView, following: list[ItemView]
    ) -> None:
        if batch.settings.carry_names and entered.state is ItemState.TODO:
            self._annotations.carry_names(batch.items[came_from - 1].video_id, entered.video_id)
        self._ahead.prepare(entered.video_id, following[0].video_id if following else None)

    def _free_items(self, batch: Batch, number: int, client_id: str) -> list[ItemView]:
        """List the items to do that nobody else is on: behind this one, then from the start."""
        to_do = [
            view
            for view in self._states.read(batch)
            if view.state is ItemState.TODO
            and view.number != number
            and view.number >= batch.settings.start_item
            and not set(view.clients) - {client_id}
        ]
        return sorted(to_do, key=lambda view: (view.number < number, view.number))
