"""Chooses the objects of a scene, where they start and how they move."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from training.scenes.bodies import Actor, Look, draw_skin
from training.scenes.figures import draw_figure
from training.scenes.instruments import draw_segmented, draw_tool
from training.scenes.motion import STAY, Path, Sway, draw_path, leaving
from training.scenes.spec import Image, Rng, SceneSpec
from training.scenes.textures import draw_colour
from training.scenes.things import KINDS, PLAIN, Rigid, draw_thing

TOOL_SHARE = 0.3
MAX_LABELS = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters of what happens in a scene."""

    ticks: float  # the length of the clip
    departures: bool  # objects leave the frame


def draw_cast(rng: Rng, spec: SceneSpec, ground: Image, plan: Plan) -> list[Actor]:
    """Choose the objects of a scene, from back to front."""
    mean = ground.reshape(-1, 3)[::7].mean(0)
    look = Look(spec.size, np.asarray(mean, np.float64), spec.hardness)
    if spec.mosaic:
        count = int(rng.integers(0, 4))
    elif spec.hardness == 0:
        count = int(rng.integers(1, 5))
    else:
        count = 1 + int(rng.binomial(round(3 + 3 * spec.hardness), 0.42))
    pace = spec.hardness * rng.uniform(0.1, 1) if rng.random() < 0.9 else 0.0
    pace = max(pace, 0.35) if spec.hardness == 0 else pace
    places = _places(rng, count)
    actors = [_draw_actor(rng, spec, look, plan, place, pace) for place in places]
    if spec.hardness and actors and rng.random() < 0.35 * spec.hardness:
        actors.append(_look_alike(rng, actors[int(rng.integers(len(actors)))], plan))
    if spec.hardness and rng.random() < 0.22 * spec.hardness:
        actors.insert(int(rng.integers(len(actors) + 1)), _draw_occluder(rng, look, plan))
    return actors


def _places(rng: Rng, count: int) -> list[tuple[float, float]]:
    """Spread start points over the frame: each is the most isolated of a few tries."""
    chosen: list[tuple[float, float]] = []
    for _ in range(count):
        tries = rng.uniform(0.1, 0.9, (5, 2))
        gaps = [min([np.hypot(*(t - c)) for c in np.array(chosen)], default=1.0) for t in tries]
        best = tries[int(np.argmax(gaps))]
        chosen.append((float(best[0]), float(best[1])))
    return chosen


def _draw_radius(rng: Rng, hardness: float) -> float:
    """Choose an object's radius: mostly 3 to 26 % of the frame's area, with some small ones."""
    small = rng.random() < 0.16 * hardness
    low, high = (0.005, 0.03) if small else (0.035 + 0.03 * (1 - hardness), 0.26)
    return float(np.sqrt(np.exp(rng.uniform(np.log(low), np.log(high))) / np.pi))


def _draw_actor(
    rng: Rng, spec: SceneSpec, look: Look, plan: Plan, at_xy: tuple[float, float], pace: float
) -> Actor:
    leaves = plan.departures and rng.random() < 0.6
    if rng.random() < TOOL_SHARE:
        return Actor(draw_tool(rng, look, ticks=plan.ticks, withdraws=leaves), STAY)
    radius = _draw_radius(rng, spec.hardness)
    path = draw_path(rng, at_xy, pace=pace)
    if spec.hardness == 0:
        path = _kept_in(path)
    if leaves:
        path = leaving(rng, path, radius * 1.4, plan.ticks)
    pick = rng.random()
    if pick < 0.14:
        return Actor(draw_segmented(rng, look, radius), path)
    if pick < 0.3:
        return Actor(draw_figure(rng, look, radius), path)
    kinds = PLAIN if spec.hardness == 0 else KINDS
    return Actor(draw_thing(rng, look, radius, kinds), path)


def _kept_in(path: Path) -> Path:
    """The same path, gently, from a place near the middle."""
    x, y = (replace(s, start=0.25 + 0.5 * s.start, amplitude=s.amplitude * 0.4)
            for s in (path.x, path.y))  # fmt: skip
    return replace(path, x=x, y=y)


def _look_alike(rng: Rng, actor: Actor, plan: Plan) -> Actor:
    """Copy an object to another position."""
    x, y = rng.uniform(0.1, 0.9, 2)
    path = draw_path(rng, (float(x), float(y)), pace=rng.random())
    if actor.path is STAY:  # a tool: mirrored by half a turn about the middle
        turned = Path(Sway(1.0), Sway(1.0), Sway(np.pi), Sway(1.0))
        return replace(actor, path=turned)
    if plan.departures and rng.random() < 0.5:
        path = leaving(rng, path, 0.2, plan.ticks)
    return replace(actor, path=path)


def _draw_occluder(rng: Rng, look: Look, plan: Plan) -> Actor:
    """Make a bar that is no target, which crosses the frame or stands in the way."""
    half = rng.uniform(0.05, 0.2)
    bar = np.array([[-half, -1.5], [half, -1.5], [half, 1.5], [-half, 1.5]])
    body = Rigid("occluder", [[bar]], draw_skin(rng, look, draw_colour(rng)))
    turn = rng.choice([0, np.pi / 2]) + rng.normal(0, 0.3)
    if rng.random() < 0.5:
        still = Path(Sway(rng.uniform(0.1, 0.9)), Sway(rng.uniform(0.1, 0.9)), Sway(turn), Sway(1))
        return Actor(body, still, targeted=False)
    rate = np.pi / max(plan.ticks, 12) * rng.uniform(0.7, 1.5)
    reach = rng.uniform(0.5, 0.9) * rng.choice([-1, 1])
    sweep = Sway(0.5 - reach, reach * 1.1, rate, -np.pi / 2)
    flat = abs(np.cos(turn)) > 0.7
    held = Sway(0.5)
    path = Path(sweep if flat else held, held if flat else sweep, Sway(turn), Sway(1.0))
    return Actor(body, path, targeted=False)
