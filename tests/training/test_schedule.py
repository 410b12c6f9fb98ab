"""The training schedule at each share of the time."""

from __future__ import annotations

import numpy as np

from training.batches import BatchSpec
from training.schedule import FULL, IMAGES_UNTIL, SMALL, Schedule


def test_training_begins_with_small_single_images_and_ends_at_full_size() -> None:
    first, last = _specs(Schedule(1e-3), 0.0), _specs(Schedule(1e-3), 0.99)
    assert {(spec.size, spec.frames) for spec in first} == {(SMALL, 1)}
    assert {spec.size for spec in last} == {FULL}
    assert max(spec.frames for spec in last) == 8


def test_scenes_grow_harder_until_they_are_all_there_is() -> None:
    easy, hard = _specs(Schedule(1e-3), 0.0)[0], _specs(Schedule(1e-3), 0.5)[0]
    assert easy.hardness < 0.2
    assert hard.hardness == 1.0


def test_learning_rate_warms_up_and_fades() -> None:
    schedule, rng = Schedule(1e-3), np.random.default_rng(0)
    rates = [
        schedule.moment(p, step, rng).learning_rate for p, step in ((0, 0), (0.1, 500), (1, 9000))
    ]
    assert rates[0] < rates[1] / 10
    assert rates[2] < rates[1] / 10


def test_trained_weights_skip_the_kick_off() -> None:
    improved = Schedule(1e-3, kicked_off=True)
    assert any(spec.frames > 1 for spec in _specs(improved, 0.0))
    assert improved.moment(0.0, 0, np.random.default_rng(0)).most_corrections >= 2
    assert _specs(Schedule(1e-3), IMAGES_UNTIL / 2)[0].frames == 1


def test_trained_weights_see_more_single_images_with_more_targets() -> None:
    rng = np.random.default_rng(0)
    moments = [Schedule(1e-3, kicked_off=True).moment(0.5, 10**4, rng) for _ in range(60)]
    single = [moment for moment in moments if moment.spec.frames == 1]
    clips = [moment for moment in moments if moment.spec.frames > 1]
    assert len(single) > sum(spec.frames == 1 for spec in _specs(Schedule(1e-3), 0.6))
    assert min(m.spec.targets for m in single) > max(m.spec.targets for m in clips)
    assert {moment.spec.size for moment in moments} == {FULL}


def _specs(schedule: Schedule, progress: float) -> list[BatchSpec]:
    rng = np.random.default_rng(0)
    return [schedule.moment(progress, 10**4, rng).spec for _ in range(60)]
