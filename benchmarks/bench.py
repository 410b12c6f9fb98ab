"""Shared by all rows of the benchmark: frames, both sides, and the compared masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from benchmarks.costs import Cost, middle, timed, times
from benchmarks.figures import Figure, Goal, LeftOut
from benchmarks.live import Live, Reply
from benchmarks.scenes import FULL_HW, Scene, draw_frames, write_film
from benchmarks.sides import Ours, Plain, Side, load
from sam2_session.inference.network import Network
from sam2_session.models.registry import ModelSpec

REPLIES = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """The model, pairs and precision of a run.

    `precision` fp32 or bf16 holds for both sides; with default, ours is what the program chooses on
    this machine, and plain is float32.
    """

    spec: ModelSpec
    pairs: int
    frames: int
    size_hw: tuple[int, int]
    precision: str
    device: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the goals: its key, its text, and the function that measures it."""

    key: str
    name: str
    take: Callable[[Bench, Row], Figure | LeftOut]
    is_long: bool = False

    def figure(
        self, value: float, bound: float | None, *, at_least: bool = False, **shown: str
    ) -> Figure:
        """Make the figure of this row."""
        goal = None if bound is None else Goal(bound, at_least)
        return Figure(key=self.key, name=self.name, value=value, goal=goal, **shown)

    def left_out(self, reason: str) -> LeftOut:
        """Leave this row out, with the reason."""
        return LeftOut(key=self.key, name=self.name, reason=reason)


class Bench:
    """One run of the benchmark; a side is made when a row first uses it."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan = plan
        self.folder = folder
        self.compared = 0  # masks compared in one precision
        self.different = 0
        self.steps: dict[Side, list[Cost]] = {}  # steps of the pass that several rows use
        self.clicks = 0  # by rows that click often
        self._made: list[Side] = []
        self._film = ""  # the video opened in the services

    @cached_property
    def scene(self) -> Scene:
        """Frames of this run."""
        return draw_frames(self.folder / "frames", self.plan.frames, self.plan.size_hw)

    @cached_property
    def network(self) -> Network:
        """Our side."""
        plan = self.plan
        return load(plan.spec, plan.device, "auto" if self._is_default else plan.precision)

    @cached_property
    def ours(self) -> Ours:
        """Make the engine in the plan's precision."""
        return self._make_ours(self.network, "ours")

    @cached_property
    def plain(self) -> Plain:
        """Make sam2's predictor, in the same precision unless the plan says default."""
        network = load(self.plan.spec, self.plan.device, "fp32")
        network.model.load_state_dict(self.network.model.state_dict())  # also random weights
        if not self._is_default:
            network.precision = self.plan.precision  # autocast, nothing else of ours
        side = Plain(network, self.scene)
        side.warm_up()
        self._made.append(side)
        return side

    @cached_property
    def default(self) -> Ours | None:
        """Our engine in its default precision, beside a float32 plain; None without bfloat16."""
        if self._is_default:
            return self.ours if self.network.precision == "bf16" else None
        if self.plan.precision != "fp32":
            return None
        network = load(self.plan.spec, self.plan.device, "auto")
        if network.precision == "fp32":
            return None
        network.model.load_state_dict(self.network.model.state_dict())
        return self._make_ours(network, "default")

    @cached_property
    def live(self) -> Live:
        """The services, in the plan's precision."""
        plan, folder = self.plan, self.folder / "live"
        return Live(plan.spec, self.network, folder, plan.precision)

    def film(self) -> str:
        """Open a video of the scene with a click on every pair, and one more pair to click."""
        if not self._film:
            self._film = "scene"
            film = write_film(self.scene, self.folder / "scene.mp4", self.plan.frames)
            self.live.put_video(film, self._film)
            self.live.extract(self._film, self.plan.pairs + 1)
            for pair in range(self.plan.pairs):
                self.live.click(self._film, pair, 0, self.scene.target(pair))
        return self._film

    @cached_property
    def replies(self) -> list[Reply]:
        """Masks of clicks on a 1080p video."""
        folder = self.folder / "full"
        scene = draw_frames(folder, REPLIES, FULL_HW)
        self.live.put_video(write_film(scene, folder / "full.mp4", REPLIES), "full")
        self.live.extract("full", 1)
        targets = [scene.target(frame_idx % 2) for frame_idx in range(REPLIES)]
        return [self.live.click("full", 0, idx, point) for idx, point in enumerate(targets)]

    @property
    def size_text(self) -> str:
        """Width and height."""
        height, width = self.plan.size_hw
        return f"{width}x{height}"

    @property
    def is_same_precision(self) -> bool:
        """Return whether both sides compute in one precision."""
        return not self._is_default or self.network.precision == "fp32"

    def why_no_default(self) -> str:
        """Return the reason why there is no `default` side."""
        if self.plan.precision == "bf16":
            return "plain is bf16 in this run"
        return "no bfloat16 on this device"

    def compare(
        self,
        work: Callable[[Side, int], str | None],
        *,
        prepare: Callable[[Side, int], object] = lambda side, turn: None,
        ours: Ours | None = None,
    ) -> tuple[Cost, Cost]:
        """Do the same work on both sides in turns, repeating short work; return the median costs.

        Masks that the work returns are compared.
        """
        sides: tuple[Side, Side] = (ours or self.ours, self.plain)
        costs: tuple[list[Cost], list[Cost]] = ([], [])
        turn, turns = 0, 1
        while turn < turns:
            for side in sides:
                prepare(side, turn)
            masks: dict[Side, str | None] = {}
            for side in sides if turn % 2 == 0 else sides[::-1]:
                cost, masks[side] = timed(partial(work, side, turn))
                costs[sides.index(side)].append(cost)
            if ours is None:
                self.count(*(masks[side] for side in sides))
            turn, turns = turn + 1, times(costs[0][0].wall_s + costs[1][0].wall_s)
        return middle(costs[0]), middle(costs[1])

    def count(self, ours: str | None, plain: str | None) -> None:
        """Compare two masks."""
        if ours is not None and self.is_same_precision:
            self.compared += 1
            self.different += ours != plain

    def begin_row(self) -> None:
        """Reset both sides between rows, keeping the loaded networks."""
        for side in self._made:
            side.begin_again(0)

    def close(self) -> None:
        """End the threads of all sides."""
        for side in self._made:
            side.close()
        if "live" in self.__dict__:
            self.live.close()

    @property
    def _is_default(self) -> bool:
        return self.plan.precision == "default"

    def _make_ours(self, network: Network, name: str) -> Ours:
        side = Ours(network, self.scene, self.folder / name)
        self._made.append(side)
        # warm up: the first encoding allocates memory that later ones reuse
        side.look_at(self.scene.num_frames - 1)
        side.forget_features()
        return side
