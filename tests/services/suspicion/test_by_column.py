"""Measures taken by column are those taken the straightforward way, mask by mask."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median as middle_of
from typing import Any

import numpy as np
import pytest

from sam2_session.core.mask_traits import MaskTraits
from sam2_session.core.masks import MaskFacts
from sam2_session.core.types import MaskSource, SessionKey
from sam2_session.formats.shapes.mask_traits import colour_numbers, traits_of
from sam2_session.services.suspicion.neighbours import (
    COLOUR_BLOCK,
    COLOUR_REACH,
    between,
    median,
    usual_around,
    usual_colours,
    windows,
)
from sam2_session.services.suspicion.overlaps import overlap_doubts
from sam2_session.services.suspicion.pair_measures import PairMeasures, measure, traits_of_masks
from sam2_session.storage.database import Database, Transaction
from sam2_session.storage.mask_columns import MaskColumns, read_columns
from sam2_session.storage.mask_rows import MaskRow, list_masks, save_mask
from sam2_session.storage.trait_rows import read_traits, save_traits

SIZE_HW = (60, 80)
FRAMES = 170
KEYS = [SessionKey("clip", number, "overall") for number in (1, 2, 3)]


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows and traits as they were saved, and a database that holds them."""

    rows: dict[SessionKey, list[MaskRow]]
    traits: dict[SessionKey, dict[int, MaskTraits]]
    database: Database

    def columns(self, key: SessionKey) -> MaskColumns:
        return self.database.read(lambda tx: read_columns(tx, key))

    def there(self, key: SessionKey) -> list[MaskRow]:
        return [row for row in self.rows[key] if not row.absent]

    def known(self, key: SessionKey, row: MaskRow) -> MaskTraits | None:
        """The traits of a mask, if it did not change since."""
        found = self.traits[key].get(row.frame_idx)
        return found if found is not None and found.facts == row.facts else None


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    database = Database(Path(tmp_path_factory.mktemp("masks")) / "session.sqlite3")
    rng = np.random.default_rng(7)
    rows = {key: [_row(rng, idx) for idx in range(FRAMES) if rng.random() < 0.9] for key in KEYS}
    rows[KEYS[2]] = [_row(rng, idx) for idx in range(5)]
    traits = {key: _traits(rng, rows[key]) for key in KEYS}
    traits[KEYS[2]] = {}

    def save(tx: Transaction) -> None:
        for key in KEYS:
            for row, _ in rows[key]:
                save_mask(tx, key, row)
            save_traits(tx, [(key, idx, found) for idx, found in traits[key].items()])

    database.write(save)
    yield Stored({key: [row for row, _ in rows[key]] for key in KEYS}, traits, database)
    database.close()


def _row(rng: np.random.Generator, frame_idx: int) -> tuple[MaskRow, Any]:
    """Draw a mask, sometimes empty, absent, drawn by hand, approved or without a score."""
    ys, xs = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]]
    x, y = rng.integers(0, 80), rng.integers(10, 50)
    mask_hw = (xs - x) ** 2 / 2 + (ys - y) ** 2 < rng.integers(0, 20) ** 2
    absent = bool(rng.random() < 0.08)
    if absent or rng.random() < 0.1:
        mask_hw = np.zeros(SIZE_HW, np.bool_)
    facts = traits_of(mask_hw, None).facts
    row = MaskRow(
        frame_idx,
        1,
        MaskSource.HUMAN if absent or rng.random() < 0.1 else MaskSource.PROPAGATED,
        facts,
        score=float(rng.normal()) if rng.random() < 0.8 else None,
        approved=bool(rng.random() < 0.1),
        absent=absent,
        agreement=float(rng.random()) if rng.random() < 0.3 else None,
    )
    return row, mask_hw


def _traits(rng: np.random.Generator, rows: list[tuple[MaskRow, Any]]) -> dict[int, MaskTraits]:
    """Measure the masks, some without colours; some changed since, and some never were measured."""
    traits = {}
    for row, mask_hw in rows:
        image = rng.integers(0, 256, (*SIZE_HW, 3)).astype(np.uint8)
        found = traits_of(mask_hw, colour_numbers(image) if rng.random() < 0.7 else None)
        if rng.random() < 0.1:
            found = MaskTraits(MaskFacts(5, (1, 1, 4, 4)), 1, found.cells, found.colours)
        if rng.random() < 0.9:
            traits[row.frame_idx] = found
    return traits


@pytest.mark.parametrize("key", KEYS)
def test_masks_are_measured_as_one_by_one(stored: Stored, key: SessionKey) -> None:
    masks = stored.columns(key)
    traits = stored.database.read(lambda tx: read_traits(tx, key))

    found = measure(masks, traits_of_masks(masks, traits), SIZE_HW)

    assert stored.database.read(lambda tx: list_masks(tx, key)) == stored.rows[key]
    for name, expected in measured_one_by_one(stored, key).items():
        np.testing.assert_allclose(getattr(found, name), expected, rtol=1e-14, err_msg=name)


def measured_one_by_one(stored: Stored, key: SessionKey) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {name: [] for name in PairMeasures.__slots__}
    for row in stored.there(key):
        by_hand = row.source is MaskSource.HUMAN
        values = {
            "frames": row.frame_idx,
            "scores": math.nan if row.score is None else row.score,
            "areas": row.facts.area,
            "agreements": math.nan if row.agreement is None else row.agreement,
            "reviewed": by_hand or row.approved,
            "approved": row.approved and not by_hand,
            **_shape(row, stored.known(key, row)),
        }
        for name, value in values.items():
            found[name].append(value)
    return found


def _shape(row: MaskRow, traits: MaskTraits | None) -> dict[str, Any]:
    if row.facts.box is None:
        nan = math.nan
        none = {"sizes": [nan] * 4, "centres": [nan] * 2, "edges": nan, "pieces": nan}
        return {**none, "colours": [nan] * MaskTraits.BINS}
    x0, y0, x1, y1 = row.facts.box
    wide, high, area = x1 - x0, y1 - y0, row.facts.area
    shape = {
        "sizes": [math.log(value) for value in (area, wide, high, area / (wide * high))],
        "centres": [(x0 + x1) / 2, (y0 + y1) / 2],
        "edges": x0 <= 0 or y0 <= 0 or x1 >= SIZE_HW[1] or y1 >= SIZE_HW[0],
        "pieces": math.nan if traits is None else traits.pieces,
        "colours": [math.nan] * MaskTraits.BINS,
    }
    if traits is not None:
        shape["centres"] = _centre(row.facts.box, traits)
    if traits is not None and traits.colours:
        shape["colours"] = [share / 255 for share in traits.colours]
    return shape


def _cells(traits: MaskTraits) -> list[tuple[int, int]]:
    """The cells (x, y) of the grid that are inside."""
    side = MaskTraits.GRID
    bits = "".join(f"{byte:08b}" for byte in traits.cells)
    return [(at % side, at // side) for at, bit in enumerate(bits) if bit == "1"]


def _centre(box: tuple[int, int, int, int], traits: MaskTraits) -> list[float]:
    x0, y0, x1, y1 = box
    cells, side = _cells(traits), MaskTraits.GRID
    if not cells:
        return [(x0 + x1) / 2, (y0 + y1) / 2]
    x, y = (sum(cell[axis] for cell in cells) / len(cells) + 0.5 for axis in (0, 1))
    return [x0 + x * (x1 - x0) / side, y0 + y * (y1 - y0) / side]


@pytest.mark.parametrize("key", KEYS)
def test_overlaps_are_those_of_each_two_masks(stored: Stored, key: SessionKey) -> None:
    columns = {other: stored.columns(other) for other in KEYS}
    traits = {
        other: traits_of_masks(
            columns[other], stored.database.read(lambda tx, other=other: read_traits(tx, other))
        )
        for other in KEYS
    }
    frames = np.array([row.frame_idx for row in stored.there(key)])

    doubt = overlap_doubts(key, frames, traits)

    assert doubt.values.any() == (key != KEYS[2])  # that one was not measured
    expected = [_most_shared(stored, key, row) for row in stored.there(key)]
    usual = usual_around(np.array([share for share, _ in expected]), 16)
    for at, (share, name) in enumerate(expected):
        unusual = share - np.nan_to_num(usual[at])
        value = 0.7 * max(_ramp(unusual, 0.15, 0.6), _ramp(share, 0.35, 0.75))
        assert doubt.values[at] == pytest.approx(value), at
        if value:
            assert doubt.words(at) == f"{100 * share:.0f} % of it or of {name} lie in both"


def _ramp(value: float, low: float, high: float) -> float:
    return float(min(1.0, max(0.0, (value - low) / (high - low))))


def _most_shared(stored: Stored, key: SessionKey, row: MaskRow) -> tuple[float, str]:
    """The largest share with a mask of another instance, where boxes share enough of it."""
    most, name = 0.0, ""
    mine = stored.known(key, row)
    for other in KEYS:
        if other == key or mine is None or row.facts.box is None:
            continue
        for beside in stored.rows[other]:
            theirs = stored.known(other, beside)
            if beside.frame_idx != row.frame_idx or theirs is None or beside.facts.box is None:
                continue
            share = _shared(mine, theirs)
            if share > most:
                most, name = share, f"{other.instance_id} {other.region}"
    return most, name


def _shared(mine: MaskTraits, theirs: MaskTraits) -> float:
    """Look both masks up on a raster over what their boxes share."""
    side, one, other = MaskTraits.GRID, mine.facts.box, theirs.facts.box
    assert one is not None
    assert other is not None
    low = [max(one[axis], other[axis]) for axis in (0, 1)]
    reach = [min(one[axis + 2], other[axis + 2]) - low[axis] for axis in (0, 1)]
    smaller = min(mine.facts.area, theirs.facts.area)
    if min(reach) <= 0 or reach[0] * reach[1] <= 0.15 * smaller:
        return 0.0
    cells = [(box, set(_cells(traits))) for box, traits in ((one, mine), (other, theirs))]
    both = 0
    for column in range(side):
        for line in range(side):
            x, y = low[0] + column / side * reach[0], low[1] + line / side * reach[1]
            both += all(
                (
                    int((x - box[0]) * side / (box[2] - box[0])),
                    int((y - box[1]) * side / (box[3] - box[1])),
                )
                in inside
                for box, inside in cells
            )
    return min(1.0, both / side**2 * reach[0] * reach[1] / smaller)


def with_gaps(shape: tuple[int, ...]) -> np.ndarray:
    """Draw numbers, some of them NaN, and over a stretch longer than a window all of them."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=shape)
    values[rng.random(shape[0]) < 0.2] = np.nan
    values[60:130] = np.nan
    return values


def one_by_one(sides: np.ndarray, pick: Callable[[list[float]], float]) -> np.ndarray:
    found = np.full((len(sides), *sides.shape[2:]), np.nan)
    for place in np.ndindex(found.shape):
        values = [v for v in sides[place[0], :, *place[1:]].tolist() if not math.isnan(v)]
        if values:
            found[place] = pick(values)
    return found


@pytest.mark.parametrize("shape", [(200,), (200, 4)])
@pytest.mark.parametrize("reach", [3, 16])
def test_medians_are_those_of_each_window(shape: tuple[int, ...], reach: int) -> None:
    values = with_gaps(shape)
    sides = windows(values, reach)

    np.testing.assert_array_equal(median(sides), one_by_one(sides, middle_of))
    others = np.concatenate([sides[:, :reach], sides[:, reach + 1 :]], axis=1)
    np.testing.assert_array_equal(usual_around(values, reach), one_by_one(others, middle_of))
    halves = np.stack(
        [(sides[:, reach - step] + sides[:, reach + step]) / 2 for step in range(1, reach + 1)], 1
    )
    np.testing.assert_array_equal(between(values, reach), one_by_one(halves, middle_of))


@pytest.mark.parametrize("without", [slice(0), slice(60, 130), slice(None)])
def test_usual_colours_are_the_medians_of_their_block(without: slice) -> None:
    rng = np.random.default_rng(5)
    colours = rng.integers(0, 256, (500, 8)) / 255
    colours[rng.random(500) < 0.1] = np.nan
    colours[without] = np.nan

    found = usual_colours(colours)

    for at in range(500):
        block = at // COLOUR_BLOCK * COLOUR_BLOCK
        around = colours[max(0, block - COLOUR_REACH) : block + COLOUR_BLOCK + COLOUR_REACH]
        expected = one_by_one(around[None], middle_of)[0]
        np.testing.assert_allclose(found[at], expected / max(expected.sum(), 1e-9), rtol=1e-14)
