from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sam2_session.core.errors import ModelNotFound, ModelUnavailable
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.models.checkpoints import CheckpointStore
from sam2_session.models.registry import ModelSpec, Registry
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.models.service import ModelService
from tests.models.conftest import DATA, model_spec
from tests.models.file_server import Behaviour

Served = Callable[..., tuple[ModelSpec, Behaviour]]


class Day:
    """Make a service with two models, and a list of the events it announces."""

    def __init__(
        self, specs: list[ModelSpec], store: CheckpointStore, gflops_per_s: float | None = None
    ) -> None:
        self._gflops_per_s = gflops_per_s
        self.events: list[Event] = []
        self.ended = threading.Event()
        bus = EventBus()
        bus.subscribe(self._hear)
        self.service = ModelService(Registry(specs), store, JobRegistry(bus), self._load)

    def _hear(self, event: Event) -> None:
        self.events.append(event)
        if event.name is EventName.JOB_ENDED:
            self.ended.set()

    def _load(self, spec: ModelSpec, path: Path) -> dict[str, Any]:
        if path.read_bytes() != DATA:
            raise ModelUnavailable("Not a model.")
        return {
            "device": "cpu",
            "precision": "fp32",
            "precision_reason": "chosen by --precision",
            "threads": 2,
            "gflops_per_s": self._gflops_per_s,
        }

    def states(self) -> dict[str, str]:
        return {row["name"]: row["state"] for row in self.service.list()["models"]}

    def select(self, name: str) -> None:
        self.ended.clear()
        self.service.select(name)
        assert self.ended.wait(300)


@pytest.fixture
def day(store: CheckpointStore, served: Served, tmp_path: Path) -> Iterator[Day]:
    (tmp_path / "here.pt").write_bytes(DATA)
    away, _ = served(spec={"name": "away"})
    gone, _ = served(spec={"name": "gone", "checkpoint": "gone.pt"}, status=404)
    slow, _ = served(spec={"name": "slow", "checkpoint": "slow.pt"}, pause_s=0.5)
    here = model_spec(name="here", checkpoint="here.pt", demo=True)
    day = Day([here, away, gone, slow], store)
    yield day
    day.service.close()


def test_before_the_first_choice_models_are_ready_or_missing(day: Day) -> None:
    assert day.states() == {
        "here": "ready", "away": "missing", "gone": "missing", "slow": "missing"
    }  # fmt: skip
    assert day.service.current is None


def test_a_model_at_hand_is_selected(day: Day) -> None:
    day.select("here")

    assert day.service.current == {
        "name": "here", "demo": True, "device": "cpu", "precision": "fp32"
    }  # fmt: skip
    assert day.states()["here"] == "selected"


def test_the_model_in_use_says_why_it_computes_as_it_does(day: Day) -> None:
    day.select("here")
    day.select("away")
    rows = {row["name"]: row for row in day.service.list()["models"]}

    assert (rows["away"]["precision_reason"], rows["away"]["threads"]) == (
        "chosen by --precision", 2
    )  # fmt: skip
    assert (rows["here"]["precision_reason"], rows["here"]["threads"]) == (None, None)


def test_the_log_names_each_fact_of_a_model_in_use(
    store: CheckpointStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "here.pt").write_bytes(DATA)
    day = Day([model_spec(name="here", checkpoint="here.pt")], store, gflops_per_s=123.456)

    with caplog.at_level(logging.INFO):
        day.select("here")
    day.service.close()

    words = "on cpu in fp32 (chosen by --precision), 2 threads, measured at 123 GFLOP/s"
    assert f"here is in use: {words}" in caplog.messages


def test_a_model_far_away_is_fetched_then_selected(day: Day) -> None:
    day.select("here")
    day.select("away")

    assert day.states()["away"] == "selected"
    assert day.states()["here"] == "ready"
    assert day.events[-1].data["state"] == "done"
    assert day.events[-1].data["done"] == len(DATA)


def test_the_speed_of_every_model_is_estimated_once_one_is_loaded(
    store: CheckpointStore, tmp_path: Path
) -> None:
    (tmp_path / "here.pt").write_bytes(DATA)
    here = model_spec(name="here", checkpoint="here.pt", gflops=10.0)
    specs = [here, model_spec(name="big", gflops=1000.0), model_spec(name="unknown")]
    day = Day(specs, store, gflops_per_s=500.0)
    before = [row["frame_s"] for row in day.service.list()["models"]]
    day.select("here")
    after = [row["frame_s"] for row in day.service.list()["models"]]
    day.service.close()

    assert before == [None, None, None]
    assert after == [0.04, 2.0, None]


def test_progress_is_a_job_in_bytes(day: Day) -> None:
    day.select("away")

    first = day.events[0]

    assert first.name is EventName.JOB_PROGRESS
    assert first.data["job_id"] == "model-away"
    assert first.data["kind"] == "model_download"
    assert (first.data["done"], first.data["total"]) == (0, len(DATA))


def test_a_failure_keeps_the_model_in_use_and_says_why(day: Day) -> None:
    day.select("here")
    day.select("gone")

    row = day.service.list()["models"][2]

    assert row["state"] == "failed"
    assert "HTTP 404" in row["error"]["message"]
    assert day.service.current is not None
    assert day.service.current["name"] == "here"


def test_a_newer_choice_stops_an_unfinished_download(day: Day) -> None:
    day.service.select("slow")
    assert day.states()["slow"] == "downloading"

    day.service.select("here")
    day.service.close()

    assert day.states()["slow"] == "missing"


def test_a_download_can_be_cancelled(day: Day) -> None:
    day.service.select("slow")
    day.service.cancel("slow")

    assert day.ended.wait(300)
    assert day.events[-1].data["state"] == "cancelled"
    assert day.states()["slow"] == "missing"


def test_what_an_earlier_download_left_is_counted(day: Day, tmp_path: Path) -> None:
    (tmp_path / "model.pt.part").write_bytes(DATA[:1000])

    rows = {row["name"]: row["done"] for row in day.service.list()["models"]}

    assert rows["away"] == 1000
    assert rows["gone"] == 0


def test_an_unknown_model_is_refused(day: Day) -> None:
    with pytest.raises(ModelNotFound):
        day.service.select("nothing")
