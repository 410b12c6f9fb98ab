"""A frame's prediction from its state, in the device thread; what is not on disk is remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from sam2_session.core.predictions import Prediction
from sam2_session.core.types import SessionKey
from sam2_session.inference.engine import Engine
from sam2_session.runtime import monotonic
from sam2_session.services.prediction.answers import Place
from sam2_session.services.prediction.replay import replay
from sam2_session.services.prediction.unstored import Unstored
from sam2_session.services.projects.project import Projects
from sam2_session.storage.database import Transaction
from sam2_session.storage.frame_rows import (
    FrameRow,
    conditioned_frames,
    read_frame,
    save_prediction,
)


@dataclass(slots=True)
class Computed:
    """What came out of the device thread for the newest state of a frame.

    `fresh` are the predictions of this frame that are not on disk, by digest.
    """

    row: FrameRow
    prediction: Prediction
    fresh: dict[str, Prediction]
    signature: str
    timings: dict[str, float] = field(default_factory=dict)


class FramePredictor:
    """Predicts what no state on the way was answered with before."""

    def __init__(self, projects: Projects) -> None:
        self._projects = projects
        self._unstored = Unstored()

    def newest(self, engine: Engine, place: Place, asked_at: float) -> Computed | None:
        """The newest state's prediction, which the live session holds from now on.

        None if the frame has no prompts.
        """
        started = monotonic()
        key, frame_idx = place
        project = self._projects.get(key.video_id)
        row = project.db.read(lambda tx: read_frame(tx, key, frame_idx))
        if row is None or not row.state.is_prompted:
            return None
        engine.features.get(key.video_id, frame_idx)
        encoded = monotonic()
        computed = self._predict(engine, key, row)
        session = engine.session(key)
        session.set_prompted(frame_idx, computed.prediction)
        if (frame_idx, row.state.digest) in project.db.read(partial(conditioned_frames, key=key)):
            session.restore(frame_idx)
        computed.timings = {
            "queue_s": started - asked_at,
            "encode_s": encoded - started,
            "decode_s": monotonic() - encoded,
        }
        return computed

    def of_rows(
        self, engine: Engine, key: SessionKey, rows: list[FrameRow]
    ) -> dict[int, Prediction]:
        """The prediction of each prompted frame; what was missing is stored.

        So a session that is built again finds it.
        """
        project = self._projects.get(key.video_id)
        found = {}
        for row in rows:
            computed = self._predict(engine, key, row)
            found[row.frame_idx] = computed.prediction
            if computed.fresh:
                project.db.write(self.storing(key, computed))
                self.is_stored(key, computed)
        return found

    def storing(self, key: SessionKey, computed: Computed) -> Callable[[Transaction], None]:
        """What writes its predictions in a transaction; tell `is_stored` when that is durable."""
        return partial(_store, key=key, computed=computed)

    def is_stored(self, key: SessionKey, computed: Computed) -> None:
        """They are read from the disk from now on."""
        place = (key, computed.row.frame_idx, computed.signature)
        self._unstored.stored(place, computed.fresh)

    def _predict(self, engine: Engine, key: SessionKey, row: FrameRow) -> Computed:
        project, signature = self._projects.get(key.video_id), engine.network.signature
        place = (key, row.frame_idx, signature)
        find = partial(self._unstored.find, place)
        replayed = replay(project, engine.session(key), row, signature, find)
        fresh = self._unstored.add(place, replayed.fresh)
        return Computed(row, replayed.prediction, fresh, signature)


def _store(tx: Transaction, key: SessionKey, computed: Computed) -> None:
    for digest, prediction in computed.fresh.items():
        save_prediction(
            tx, key, computed.row.frame_idx, digest, computed.signature, prediction.pack()
        )
