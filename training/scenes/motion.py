"""Moves things smoothly: sways, ways out of the frame and back, the camera."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from training.scenes.spec import Floats, Rng

MAX_SPEED = 0.04  # of the side, per tick


@dataclass(frozen=True, slots=True)
class Sway:
    """A value that starts at `start` and moves in two sine waves, so that it never jumps."""

    start: float
    amplitude: float = 0.0
    rate: float = 0.0  # radians per tick
    phase: float = 0.0

    def at(self, tick: float) -> float:
        """The value at this time."""
        return self.start + self.amplitude * (self._wave(tick) - self._wave(0))

    def _wave(self, tick: float) -> float:
        turn = self.rate * tick + self.phase
        return float(0.8 * np.sin(turn) + 0.2 * np.sin(2.3 * turn))


def draw_sway(rng: Rng, start: float, amplitude: float, top_rate: float = 0.25) -> Sway:
    """A sway at a random pace; `top_rate` in radians per tick."""
    return Sway(start, amplitude, rng.uniform(0.15, 1) * top_rate, rng.uniform(0, 2 * np.pi))


@dataclass(frozen=True, slots=True)
class Excursion:
    """A trip out of the frame and, mostly, back: 0 at home, 1 when away."""

    leave: float  # tick at which it sets out
    travel: float  # ticks on the way
    back: float  # tick at which it sets out for home; infinite: never

    def at(self, tick: float) -> float:
        """Distance, 0 to 1."""
        out, home = (tick - self.leave) / self.travel, (tick - self.back) / self.travel
        return _ease(out) - _ease(home)


def draw_excursion(rng: Rng, ticks: float, distance: float) -> Excursion:
    """Leave early enough to be away for a good part of a clip that lasts `ticks`."""
    travel = distance / rng.uniform(1.5 * MAX_SPEED, 2.5 * MAX_SPEED)
    travel = max(1.0, min(travel, 0.35 * ticks))
    leave = rng.uniform(0.0, 0.5) * ticks
    away = rng.uniform(0.05, 0.3) * ticks
    back = leave + travel + away if rng.random() < 0.75 else np.inf
    return Excursion(leave, travel, back)


@dataclass(frozen=True, slots=True)
class Path:
    """Position, rotation and size of a body over time."""

    x: Sway
    y: Sway
    angle: Sway
    scale: Sway
    tilt: Sway = Sway(1.0)  # the share of its depth that is left, seen from above
    shake: float = 0.0
    excursion: Excursion | None = None
    away_xy: tuple[float, float] = (0.0, 0.0)

    def pose(self, tick: float) -> Floats:
        """Body to world, (3, 3)."""
        out = self.excursion.at(tick) if self.excursion else 0.0
        x = self.x.at(tick) + out * self.away_xy[0] + self.shake * np.sin(2.1 * tick)
        y = self.y.at(tick) + out * self.away_xy[1] + self.shake * np.sin(2.9 * tick + 1)
        pose = place(x, y, self.angle.at(tick), self.scale.at(tick))
        pose[:, 1] *= max(self.tilt.at(tick), 0.3)
        return pose


def draw_path(rng: Rng, at_xy: tuple[float, float], *, pace: float) -> Path:
    """A path from `at_xy`; `pace` 0 is nearly still, 1 as fast as things get."""
    speed = pace * MAX_SPEED * rng.uniform(0.05, 1) ** 1.5
    rate = rng.uniform(0.08, 0.3)
    reach = min(0.3, speed / rate)
    heading = rng.uniform(0, 2 * np.pi)
    phase = rng.uniform(0, 2 * np.pi)
    lag = rng.normal(0, 0.5)
    return Path(
        Sway(at_xy[0], reach * np.cos(heading), rate, phase),
        Sway(at_xy[1], reach * np.sin(heading), rate, phase + lag),
        draw_sway(rng, rng.uniform(0, 2 * np.pi), pace * rng.uniform(0, 0.8)),
        draw_sway(rng, 1.0, pace * rng.uniform(0, 0.18)),
        draw_sway(rng, 1.0, pace * rng.uniform(0, 0.3) if rng.random() < 0.4 else 0.0),
    )


def leaving(rng: Rng, path: Path, radius: float, ticks: float) -> Path:
    """The same path, but out over the nearest border for a while."""
    x, y = path.x.start, path.y.start
    ways = np.array([x, 1 - x, y, 1 - y]) + radius * 1.25 + 0.04
    side = int(np.argmin(ways + rng.uniform(0, 0.2, 4)))
    # the way out is longer by as much as the sway may bring back
    distance = float(ways[side]) + 1.3 * (abs(path.x.amplitude) + abs(path.y.amplitude))
    across = rng.normal(0, 0.2)
    headings = ((-1.0, across), (1.0, across), (across, -1.0), (across, 1.0))
    away = (headings[side][0] * distance, headings[side][1] * distance)
    return replace(path, excursion=draw_excursion(rng, ticks, distance), away_xy=away)


def draw_camera(rng: Rng, hardness: float, ticks: float, *, turns_away: bool) -> Path:
    """World to frame: a small pan, zoom and roll; with `turns_away` everything leaves."""
    steady = rng.random() < 0.4 or hardness == 0
    pace = 0.0 if steady else hardness * rng.uniform(0.1, 1)
    path = Path(
        draw_sway(rng, 0.5, 0.1 * pace, 0.2),
        draw_sway(rng, 0.5, 0.1 * pace, 0.2),
        draw_sway(rng, 0.0, 0.12 * pace * rng.random(), 0.15),
        draw_sway(rng, 1.0, 0.16 * pace * rng.random(), 0.2),
        shake=0.006 * hardness * rng.random() if rng.random() < 0.3 else 0.0,
    )
    if not turns_away:
        return path
    heading = rng.uniform(0, 2 * np.pi)
    distance = rng.uniform(0.7, 1.15)
    away = (float(np.cos(heading)) * distance, float(np.sin(heading)) * distance)
    return replace(path, excursion=draw_excursion(rng, ticks, distance), away_xy=away)


def place(x: float, y: float, angle: float = 0.0, scale: float = 1.0) -> Floats:
    """Turn and scale about the origin, then move: (3, 3)."""
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    return np.array([[cos, -sin, x], [sin, cos, y], [0.0, 0.0, 1.0]])


def _ease(share: float) -> float:
    held = min(max(share, 0.0), 1.0)
    return held * held * (3 - 2 * held)


STAY = Path(Sway(0.0), Sway(0.0), Sway(0.0), Sway(1.0))  # bodies that move by themselves
