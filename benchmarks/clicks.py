"""Rows for single clicks: the cost of opening, clicking, and going to another frame."""

from __future__ import annotations

from functools import partial

from benchmarks.bench import Bench, Row
from benchmarks.costs import Cost, middle, timed, times
from benchmarks.figures import Figure, LeftOut, ratio
from benchmarks.sides import Side

SAME = 1.1  # bound for two costs that should be equal
FIRST_MASK_GOALS = ((400, 0.12), (100, 0.40))  # (at least so many frames, goal)


def time_to_first_mask(bench: Bench, row: Row) -> Figure | LeftOut:
    """Open a video with extracted frames and click on its first frame."""
    x, y = bench.scene.target(0)

    def forget(side: Side, _: int) -> None:
        side.drop_pair(0)
        side.forget_features()

    costs = bench.compare(lambda side, _: side.click(0, 0, x, y), prepare=forget)
    bounds = (bound for least, bound in FIRST_MASK_GOALS if bench.scene.num_frames >= least)
    return _of_costs(row, costs, next(bounds, None), note=f"{bench.scene.num_frames} frames")


def open_another_pair(bench: Bench, row: Row) -> Figure | LeftOut:
    """Open a second pair, ready for its first click."""
    bench.ours.open_pair(0)
    costs = bench.compare(
        lambda side, _: side.open_pair(1), prepare=lambda side, _: side.drop_pair(1)
    )
    return _of_costs(row, costs, 0.001)


def click_encoded_frame(bench: Bench, row: Row) -> Figure | LeftOut:
    """Click on a frame that another pair has clicked before."""
    x, y = bench.scene.target(1)

    def click_with_other(side: Side, turn: int) -> None:
        side.open_pair(1)
        side.click(0, _frame(bench, turn), *bench.scene.target(0))

    costs = bench.compare(
        lambda side, turn: side.click(1, _frame(bench, turn), x, y), prepare=click_with_other
    )
    return _of_costs(row, costs, 0.033)


def second_click(bench: Bench, row: Row) -> Figure | LeftOut:
    """Click again on the frame clicked last."""
    x, y = bench.scene.target(0)

    def click_once(side: Side, turn: int) -> None:
        side.click(0, _frame(bench, turn), x, y)

    costs = bench.compare(
        lambda side, turn: side.click(0, _frame(bench, turn), x + 3, y + 2), prepare=click_once
    )
    return _of_costs(row, costs, 0.95)


def click_new_frame(bench: Bench, row: Row) -> Figure | LeftOut:
    """Click on a frame that is not encoded."""
    return _of_costs(row, _new_frame(bench), None)


def click_new_frame_default(bench: Bench, row: Row) -> Figure | LeftOut:
    """Click on such a frame in the program's default precision, against float32."""
    if bench.default is None:
        return row.left_out(bench.why_no_default())
    return _of_costs(row, _new_frame(bench, is_default=True), 0.33)


def click_prefetched(bench: Bench, row: Row) -> Figure | LeftOut:
    """Click on a frame encoded ahead, against a second click there; ours alone."""
    side, (x, y) = bench.default or bench.ours, bench.scene.target(0)
    firsts, seconds = list[Cost](), list[Cost]()
    turn, turns = 0, 1
    while turn < turns:
        side.begin_again(1)
        frame_idx = _frame(bench, turn)
        side.look_at(frame_idx)
        firsts.append(timed(partial(side.click, 0, frame_idx, x, y))[0])
        seconds.append(timed(partial(side.click, 0, frame_idx, x + 3, y + 2))[0])
        turn, turns = turn + 1, times(firsts[0].wall_s + seconds[0].wall_s)
    first, second = middle(firsts), middle(seconds)
    note = f"a second click takes ours {second}"
    return row.figure(ratio(first.seconds, second.seconds), SAME, ours=f"{first}", note=note)


def _new_frame(bench: Bench, *, is_default: bool = False) -> tuple[Cost, Cost]:
    x, y = bench.scene.target(0)

    def forget(side: Side, _: int) -> None:
        side.open_pair(0)
        side.forget_features()

    return bench.compare(
        lambda side, turn: side.click(0, _frame(bench, turn), x, y),
        prepare=forget,
        ours=bench.default if is_default else None,
    )


def _frame(bench: Bench, turn: int) -> int:
    """Choose a frame per turn: not the first, which plain encodes on opening, nor the last used."""
    return 1 + turn % (bench.scene.num_frames - 1)


def _of_costs(row: Row, costs: tuple[Cost, Cost], bound: float | None, *, note: str = "") -> Figure:
    ours, plain = costs
    value = ratio(ours.seconds, plain.seconds)
    return row.figure(value, bound, ours=f"{ours}", plain=f"{plain}", note=note)
