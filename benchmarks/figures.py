"""Figures of the benchmark's rows, shown as table, JSON and Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

HEAD = ("", "ours", "plain", "figure", "goal", "")
WIDTHS = (44, 20, 20, 10, 9, 7)


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound for a figure: an upper one, or a lower one with `at_least`."""

    bound: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.bound:g}"

    def is_met(self, value: float) -> bool:
        """Return whether the figure keeps the bound."""
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured row: its figure, both sides' values, and its goal if it has one."""

    key: str
    name: str
    value: float
    goal: Goal | None = None
    ours: str = ""
    plain: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Return whether the goal is reached; None without a goal."""
        return None if self.goal is None else self.goal.is_met(self.value)

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        goal = "–" if self.goal is None else str(self.goal)
        verdict = {None: "", True: "met", False: "missed"}[self.met]
        return (self.name, self.ours, self.plain, f"{self.value:.4g}", goal, verdict)

    def to_json(self) -> dict[str, Any]:
        """Convert to JSON."""
        goal = None if self.goal is None else str(self.goal)
        about = {"name": self.name, "ours": self.ours, "plain": self.plain, "note": self.note}
        return {"value": self.value, "goal": goal, "met": self.met, **about}


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A row that was not measured, with the reason."""

    key: str
    name: str
    reason: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        return (self.name, f"left out: {self.reason}")


@dataclass(slots=True)
class Report:
    """The rows of one run, in order."""

    facts: dict[str, Any]
    rows: list[Figure | LeftOut] = field(default_factory=list)

    def add(self, row: Figure | LeftOut) -> None:
        """Add a row and print it."""
        self.rows.append(row)
        print(_line(row.cells), flush=True)
        if isinstance(row, Figure) and row.note:
            print(f"    {row.note}", flush=True)

    def to_json(self) -> dict[str, Any]:
        """Convert to JSON: facts, each row's figure under its key, and ``rows`` with the details.

        A row that was left out is null.
        """
        taken = [row for row in self.rows if isinstance(row, Figure)]
        return {
            **self.facts,
            **{row.key: getattr(row, "value", None) for row in self.rows},
            "rows": {row.key: row.to_json() for row in taken},
            "left_out": {row.key: row.reason for row in self.rows if isinstance(row, LeftOut)},
        }

    def to_markdown(self) -> str:
        """Write a table for docs/performance.md."""
        facts = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        lines = [facts, "", _markdown_line(HEAD), _markdown_line(["---"] * len(HEAD))]
        lines += [_markdown_line(_padded(row.cells)) for row in self.rows]
        return "\n".join(lines) + "\n"


def heading() -> str:
    """The first line of the table."""
    return _line(HEAD)


def ratio(ours: float, plain: float) -> float:
    """Divide ours by plain, to four digits."""
    return float(f"{ours / max(plain, 1e-9):.4g}")


def _line(cells: Iterable[str]) -> str:
    return "".join(
        cell.ljust(width) if at == 0 or cell.startswith("left out") else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(cells, WIDTHS, strict=False))
    )


def _padded(cells: tuple[str, ...]) -> tuple[str, ...]:
    return (*cells, *[""] * (len(HEAD) - len(cells)))


def _markdown_line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
