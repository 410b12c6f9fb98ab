"""Rows for a whole pass over the frames: its cost, its masks, and the memory it keeps."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.bench import Bench, Row
from benchmarks.costs import Cost, middle, timed
from benchmarks.figures import Figure, LeftOut, ratio
from benchmarks.scenes import lengthened
from benchmarks.sides import Ours, Side

STEADY_FROM = 7  # from here on a step attends to all 6 memories and the prompted frame
EARLY, LATE = 100, 2000  # between these frames the state must not grow
MS = 1000.0
SMALL_PX = 384  # models up to this size take so many steps in minutes
PROPAGATION_GOALS = {
    ("sam2.1_hiera_tiny", 4): 0.65,
    ("sam2.1_hiera_tiny", 8): 0.55,
    ("sam2.1_hiera_large", 4): 0.40,
}


def propagation(bench: Bench, row: Row) -> Figure | LeftOut:
    """Track all pairs in the same precision; the demo model has no goal of its own."""
    if not bench.is_same_precision:
        return row.left_out("the sides differ in precision")
    bound = PROPAGATION_GOALS.get((bench.plan.spec.name, bench.plan.pairs))
    return _of_passes(bench, row, bench.ours, bound)


def propagation_default(bench: Bench, row: Row) -> Figure | LeftOut:
    """Track all pairs in the program's default precision, against float32."""
    if bench.default is None:
        return row.left_out(bench.why_no_default())
    bound = 0.25 if bench.plan.pairs >= 4 else None
    return _of_passes(bench, row, bench.default, bound)


def frames_per_second(bench: Bench, row: Row) -> Figure | LeftOut:
    """Frames per second of the same pass, on a GPU."""
    if bench.network.device.type != "cuda":
        return row.left_out("no GPU")
    steps = (step_cost(bench, bench.ours), step_cost(bench, bench.plain))
    ours, plain = (1 / step.wall_s for step in steps)
    goal = 2.0 if bench.plan.spec.name == "sam2.1_hiera_large" else None
    texts = (f"{rate:.1f} a second" for rate in (ours, plain))
    return row.figure(ratio(ours, plain), goal, at_least=True, ours=next(texts), plain=next(texts))


def masks_that_differ(bench: Bench, row: Row) -> Figure | LeftOut:
    """Masks with a pixel that differs, of all that earlier rows compared."""
    if not bench.compared:
        return row.left_out("no row compared masks of one precision")
    bound = 0.0 if bench.network.precision == "fp32" else None  # rounding differs in bfloat16
    return row.figure(bench.different, bound, ours=f"of {bench.compared}")


def state_growth(bench: Bench, row: Row) -> Figure | LeftOut:
    """Bytes of a session late in a pass over those early in it."""
    if bench.network.image_size > SMALL_PX:
        return row.left_out("2000 steps take too long; the demo model shows it")
    with tempfile.TemporaryDirectory(dir=bench.folder) as name:
        scene = lengthened(bench.scene, Path(name) / "frames", LATE + 1)
        side = Ours(bench.network, scene, Path(name) / "logs")
        try:
            side.begin_again(1)
            sizes = [side.nbytes for _ in side.propagate(1)]
        finally:
            side.close()
    early, late = sizes[EARLY], sizes[LATE]
    note = f"one session; {early / 2**20:.2f} MiB at frame {EARLY}"
    return row.figure(ratio(late, early), 1.02, ours=f"{late / 2**20:.2f} MiB", note=note)


def _of_passes(bench: Bench, row: Row, side: Side, bound: float | None) -> Figure:
    ours, plain = step_cost(bench, side), step_cost(bench, bench.plain)
    steady = "" if bench.scene.num_frames > STEADY_FROM else "too short to be steady; "
    note = f"{steady}a frame, {bench.plan.pairs} pairs, {bench.scene.num_frames} frames"
    value = ratio(ours.seconds, plain.seconds)
    return row.figure(value, bound, ours=f"{ours}", plain=f"{plain}", note=note)


def step_cost(bench: Bench, side: Side) -> Cost:
    """Median step of a pass, once all memories exist."""
    if not bench.steps:
        _run_passes(bench)
    steps = bench.steps[side]
    return middle(steps[STEADY_FROM:] or steps)


def two_at_once(bench: Bench, row: Row) -> Figure | LeftOut:
    """Track all pairs by two threads and by one, on the wall; the masks are the same."""
    if not bench.ours.engine.two_at_once:
        return row.left_out("this device takes one pair after the other")
    alone = Ours(bench.network, bench.scene, bench.folder / "one_by_one")
    alone.engine.two_at_once = False
    costs: dict[Side, list[Cost]] = {bench.ours: [], alone: []}
    different = 0
    try:
        for masks in _in_turns(bench, costs):
            different += masks[bench.ours] != masks[alone]
    finally:
        alone.close()
    both, single = (middle(costs[side][STEADY_FROM:]) for side in (bench.ours, alone))
    shown = f"{both.wall_s * MS:.0f} ms, of CPU {both.cpu_s * MS:.0f}"
    note = f"by one {single.wall_s * MS:.0f} ms, of CPU {single.cpu_s * MS:.0f}; "
    note += f"{different} frames differ"
    return row.figure(ratio(both.wall_s, single.wall_s), 1.0, ours=shown, note=note)


def _run_passes(bench: Bench) -> None:
    """Track on all sides, in turns frame by frame."""
    sides: list[Side] = [bench.ours, bench.plain]
    if bench.default is not None and bench.default is not bench.ours:
        sides.append(bench.default)
    bench.steps.update((side, []) for side in sides)
    for masks in _in_turns(bench, bench.steps):
        for ours, plain in zip(masks[bench.ours], masks[bench.plain], strict=True):
            bench.count(ours, plain)


def _in_turns(bench: Bench, costs: Mapping[Side, list[Cost]]) -> Iterator[dict[Side, list[str]]]:
    """Track frame by frame on each of the sides, noting its costs; yields their masks."""
    sides = list(costs)
    for side in sides:
        side.begin_again(bench.plan.pairs)
    passes = {side: side.propagate(bench.plan.pairs) for side in sides}
    for frame_idx in range(bench.scene.num_frames):
        found = {}
        for side in sides if frame_idx % 2 == 0 else sides[::-1]:
            cost, found[side] = timed(passes[side].__next__, tidy=False)
            costs[side].append(cost)
        yield found
    for rest in passes.values():
        next(rest, None)  # each ends in its own thread
