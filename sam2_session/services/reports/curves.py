"""Draws a pair's score curve and coverage as numbers for an SVG, however long the video is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sam2_session.core.types import MaskSource
from sam2_session.services.reports.pair_figures import PairRows

WIDTH, HEIGHT = 720, 60  # units of the SVG
TOP_SCORE, LOW_SCORE = 30.0, -10.0  # log-odds; the curve ends there
ZERO = HEIGHT * TOP_SCORE / (TOP_SCORE - LOW_SCORE)
ORDER = ("missing", "rejected", "stale", "run", "absent", "hand", "approved")  # the first one shows


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the coverage strip, in units of the SVG."""

    x: float
    width: float
    state: str


@dataclass(frozen=True, slots=True)
class Curve:
    """`lines` are the points of polylines, broken where scores are missing; `zero` is a height."""

    lines: list[str]
    bars: list[Bar]
    prompts: list[float]
    zero: float = ZERO
    width: int = WIDTH
    height: int = HEIGHT


def curve_of(rows: PairRows) -> Curve:
    """Draw a pair; where frames share a place, the worst of them shows."""
    prompts = sorted({_place(frame_idx, rows.num_frames) for frame_idx in rows.prompted})
    return Curve(list(_lines(rows)), list(_bars(rows)), prompts)


def _lines(rows: PairRows) -> Iterator[str]:
    lowest: dict[float, tuple[int, float]] = {}
    for frame_idx, mask in rows.masks.items():
        if mask.score is not None:
            x = _place(frame_idx, rows.num_frames)
            _, least = lowest.get(x, (0, mask.score))
            lowest[x] = (frame_idx, min(least, mask.score))
    line: list[str] = []
    step = max(1.0, rows.num_frames / WIDTH)
    last = -step
    for x, (frame_idx, score) in lowest.items():
        if line and frame_idx - last > 2 * step:
            yield _joined(line)
            line = []
        line.append(f"{x:g},{_level(score):g}")
        last = frame_idx
    if line:
        yield _joined(line)


def _joined(line: list[str]) -> str:
    """Join the points; one alone becomes a short stroke."""
    x, _, y = line[0].partition(",")
    return " ".join(line if len(line) > 1 else [*line, f"{float(x) + 1:g},{y}"])


def _bars(rows: PairRows) -> Iterator[Bar]:
    places = min(WIDTH, rows.num_frames)
    if not places:
        return
    width, begun, state = WIDTH / places, 0, ""
    for place in range(places + 1):
        first = place * rows.num_frames // places
        following = max(first + 1, (place + 1) * rows.num_frames // places)
        now = min((_state(rows, idx) for idx in range(first, following)), key=ORDER.index)
        if place == places:
            now = ""
        if now != state:
            if state:
                yield Bar(round(begun * width, 2), round((place - begun) * width, 2), state)
            begun, state = place, now


def _state(rows: PairRows, frame_idx: int) -> str:
    mask = rows.masks.get(frame_idx)
    if mask is None:
        return "missing"
    if mask.rejection is not None:
        return "rejected"
    if mask.approved:
        return "approved"
    if mask.absent:
        return "absent"
    if mask.source is MaskSource.HUMAN or frame_idx in rows.prompted:
        return "hand"
    return "stale" if frame_idx in rows.stale else "run"


def _place(frame_idx: int, num_frames: int) -> float:
    """Find a frame's x, at most one for each unit."""
    share = (frame_idx + 0.5) / max(1, num_frames)
    return round(share * WIDTH) if num_frames > WIDTH else round(share * WIDTH, 2)


def _level(score: float) -> float:
    """Find a score's y."""
    clipped = max(LOW_SCORE, min(TOP_SCORE, score))
    return round(ZERO * (1 - clipped / TOP_SCORE), 2)
