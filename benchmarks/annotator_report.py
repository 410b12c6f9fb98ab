"""Tables of an annotator's effort, and whether its bars are met."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.annotator_work import LOWEST, MEAN, Cost, Effort

SAVED, BEHIND = 0.7, 1.5  # visits of the list: at most these times those of stride, of the oracle
GOALS = {"mean": f"mean J ≥ {MEAN}", "lowest": f"no mask below {LOWEST}"}


def worked_whole(efforts: Sequence[Effort], ways: Sequence[str]) -> list[Effort]:
    """Leave out clips that were not worked in every way: their visits can't be compared."""
    done = {(row.kind, row.seed): 0 for row in efforts}
    for row in efforts:
        done[row.kind, row.seed] += row.way in ways
    return [row for row in efforts if done[row.kind, row.seed] == len(ways)]


def report(efforts: Sequence[Effort]) -> tuple[str, int]:
    """Return both tables and the verdicts, and how many bars were missed."""
    lines, missed = [], 0
    for goal, title in GOALS.items():
        lines += [f"\n{title}", "", "| way | kind | reached | visits | clicks | tracked | CPU s |"]
        lines.append("|---|---|---|---|---|---|---|")
        ways = list(dict.fromkeys(row.way for row in efforts))
        kinds = list(dict.fromkeys(row.kind for row in efforts))
        for way in ways:
            for kind in (*kinds, "all"):
                rows = [row for row in efforts if row.way == way and kind in (row.kind, "all")]
                lines.append(_line(way, kind, goal, rows))
        found, verdicts = _verdicts(efforts, goal)
        lines += ["", *verdicts]
        missed += found
    return "\n".join(lines) + "\n", missed


def _line(way: str, kind: str, goal: str, rows: Sequence[Effort]) -> str:
    costs = [cost_of(row, goal) for row in rows]
    reached = sum(getattr(row, goal) is not None for row in rows)
    visits, clicks, tracked = (
        sum(getattr(cost, name) for cost in costs) for name in ("visits", "clicks", "tracked")
    )
    cpu_s = sum(cost.cpu_s for cost in costs)
    return (
        f"| {way} | {kind} | {reached} of {len(rows)} | {visits} | {clicks} | {tracked}"
        f" | {cpu_s:.0f} |"
    )


def _verdicts(efforts: Sequence[Effort], goal: str) -> tuple[int, list[str]]:
    visits = {
        way: sum(cost_of(row, goal).visits for row in efforts if row.way == way)
        for way in ("list", "stride", "oracle")
    }
    lines, missed = [], 0
    for other, most in (("stride", SAVED), ("oracle", BEHIND)):
        if not visits["list"] or not visits[other]:
            continue
        ratio = visits["list"] / visits[other]
        is_met = ratio <= most
        missed += not is_met
        verdict = "met" if is_met else "missed"
        lines.append(f"list / {other}: {ratio:.2f} of the visits (at most {most}): {verdict}")
    return missed, lines


def cost_of(effort: Effort, goal: str) -> Cost:
    """Cost of a goal; of one that was never reached, all that was spent."""
    found: Cost | None = getattr(effort, goal)
    return found or effort.spent
