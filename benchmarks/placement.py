"""Simulates placement under uneven load: ``python -m benchmarks.placement [--small] [--whole]``.

People open videos, click and run; a device serves clicks before the next step of a run. The choice
of a device, the moves and the number of devices wanted are those of `sam2_session.cluster`; device
times and people are those of `benchmarks.centre`. Each scenario is a row: how long the mask of a
click takes, how long a run waits, how busy devices are, and what moved or was refused. `--whole`
adds one cluster of 10,000 people, which takes some minutes.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import ceil
from typing import Any

from benchmarks.centre import CLICK_S, Centre, cluster_of
from benchmarks.simulated_device import Device, Run
from sam2_session.cluster.demand import wanted_members
from sam2_session.cluster.placement import least_loaded, movable, require_space
from sam2_session.core.errors import ServerBusy

LOOK_S = 1.0  # between two looks of a gateway at the figures
MOVED_AT_ONCE = 8  # videos that leave a draining device between two looks
REST_S = 30.0  # until a full device gives another video away
IDLE_S = 600.0  # after which a device gives back a video that nobody uses
MOVE_S = 2.0  # until a moved video is read from disk and its sessions are back
AGAIN_S = 30.0  # a person who was refused tries again
PEOPLE_PER_GATEWAY = 250
POPULAR = 1.1  # exponent of Zipf's law

Figures = Mapping[str, Mapping[str, Any]]
Rule = Callable[[Figures, Mapping[str, int], random.Random], str]


def by_load(members: Figures, placed: Mapping[str, int], _: random.Random) -> str:
    """Choose as the program does."""
    return least_loaded(members, placed)


def by_videos_opened(members: Figures, placed: Mapping[str, int], _: random.Random) -> str:
    """Choose by the videos that a device has open, also long after people have left them."""
    opened = {name: {**row, "viewers": row["opened"]} for name, row in members.items()}
    return least_loaded(opened, placed)


def at_random(members: Figures, placed: Mapping[str, int], dice: random.Random) -> str:
    """Choose any."""
    return dice.choice(sorted(members))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table."""

    name: str
    rule: Rule = by_load
    zipf: bool = False  # a few videos are many people's, and lengths are uneven
    burst_s: float = 300.0  # within which all people begin
    drained_share: float = 0.0  # of the devices, a third of the way through; as many new ones come
    spare: float = 1.0  # devices, as a multiple of those that the centre's calculation gives


SCENARIOS = (
    Scenario("even"),
    Scenario("even, placed at random", rule=at_random),
    Scenario("Zipf", zipf=True),
    Scenario("Zipf, all begin within 10 s", zipf=True, burst_s=10),
    Scenario("Zipf, a fifth drained and replaced", zipf=True, drained_share=0.2),
    Scenario("… placed by open videos", rule=by_videos_opened, zipf=True, drained_share=0.2),
    Scenario("Zipf, half of the devices", zipf=True, spare=0.5),
    Scenario("Zipf, a fifth of the devices", zipf=True, spare=0.2),
)


@dataclass(slots=True)
class Outcome:
    """The figures of a row."""

    masks_s: list[float] = field(default_factory=list)
    run_waits_s: list[float] = field(default_factory=list)
    viewers_max: int = 0
    wanted: int = 0
    moved: int = 0
    refused: int = 0


class Simulation:
    """Events in the order of their time."""

    def __init__(self, centre: Centre, scenario: Scenario, seconds: float, seed: int) -> None:
        self._centre, self._scenario, self._seconds = centre, scenario, seconds
        self._dice = random.Random(seed)
        self._numbers = itertools.count()
        self._devices: dict[str, Device] = {}
        self._ended: list[Device] = []
        for _ in range(max(1, ceil(centre.devices * scenario.spare))):
            self._add_device()
        self._placed: dict[int, str] = {}  # by video: the lease
        self._people_on: Counter[int] = Counter()  # by video
        self._moving_until_s: dict[int, float] = {}
        self._gateways: list[Counter[str]] = [
            Counter() for _ in range(max(1, ceil(centre.annotators / PEOPLE_PER_GATEWAY)))
        ]
        self._figures: dict[str, dict[str, Any]] = {}
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self.now_s = 0.0
        self.outcome = Outcome()
        ranks = range(1, centre.annotators + 1)
        self._weights = list(itertools.accumulate(rank**-POPULAR for rank in ranks))

    def run(self) -> Outcome:
        """Simulate, and return the figures."""
        for person in range(self._centre.annotators):
            self._at(self._dice.uniform(0, self._scenario.burst_s), partial(self._open, person))
        self._look()
        self._at(self._seconds / 3, self._drain)
        while self._events and self._events[0][0] < self._seconds:
            self.now_s, _, event = heapq.heappop(self._events)
            event()
        everyone = [*self._devices.values(), *self._ended]
        self.outcome.run_waits_s = [wait for device in everyone for wait in device.run_waits_s]
        return self.outcome

    def busy_shares(self) -> list[float]:
        """Return the share of the time that each device of the end was busy."""
        return [min(1.0, device.busy_s / self._seconds) for device in self._devices.values()]

    def _at(self, when_s: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when_s, next(self._numbers), event))

    def _add_device(self) -> None:
        name = f"device-{next(self._numbers)}"
        self._devices[name] = Device(name, self._centre.step_s, CLICK_S)

    def _look(self) -> None:
        """Read the figures, and move videos, as gateways do once a second."""
        self._figures = {name: device.figures() for name, device in self._devices.items()}
        for gateway in self._gateways:
            gateway.clear()
        viewers = max((row["viewers"] for row in self._figures.values()), default=0)
        self.outcome.viewers_max = max(self.outcome.viewers_max, viewers)
        self.outcome.wanted = max(self.outcome.wanted, wanted_members(self._figures.values()))
        for name in movable(self._figures):
            device = self._devices[name]
            for video in list(device.videos)[: self._count(device)]:
                self._move(device, video)
            if device.draining and not device.videos:
                self._ended.append(self._devices.pop(name))
        self._at(self.now_s + LOOK_S, self._look)

    def _count(self, device: Device) -> int:
        if device.draining:
            return MOVED_AT_ONCE
        if self.now_s < device.rests_until_s:
            return 0
        device.rests_until_s = self.now_s + REST_S
        return 1

    def _give_back(self, video: int) -> None:
        """Let a device give up a video that nobody has used for a while."""
        device = self._devices.get(self._placed.get(video, ""))
        if device is not None and not self._people_on[video] and not device.has_runs(video):
            device.videos.pop(video)
            del self._placed[video]

    def _drain(self) -> None:
        names = list(self._devices)[: round(len(self._devices) * self._scenario.drained_share)]
        for name in names:
            self._devices[name].draining = True
            self._add_device()

    def _device_of(self, video: int, person: int) -> Device:
        """Return the device that has a video, or choose one."""
        name = self._placed.get(video)
        if name not in self._devices:
            open_ones = {
                name: row
                for name, row in self._figures.items()
                if not row["draining"] and name in self._devices
            }
            gateway = self._gateways[person % len(self._gateways)]
            name = self._scenario.rule(open_ones, gateway, self._dice)
            gateway[name] += 1
            self._placed[video] = name
            device = self._devices[name]
            device.videos[video] = None
            device.opened += 1
        return self._devices[name]

    def _move(self, device: Device, video: int) -> None:
        runs, people = device.take_away(video, self.now_s), self._people_on[video]
        device.viewers -= people
        del self._placed[video]
        target = self._device_of(video, video)
        target.viewers += people
        self._moving_until_s[video] = self.now_s + MOVE_S
        for run in runs:
            target.ask(run)
        self._begin(device)
        self._begin(target)
        self.outcome.moved += 1

    def _open(self, person: int) -> None:
        """Open a video, or try again later; then click, and run, and go to the next one."""
        video, share = self._choose(person)
        if self._placed.get(video) not in self._devices:
            try:
                require_space(self._figures)
            except ServerBusy:
                self.outcome.refused += 1
                self._at(self.now_s + AGAIN_S, lambda: self._open(person))
                return
        device = self._device_of(video, person)
        device.viewers += 1
        self._people_on[video] += 1
        centre, lasts_s = self._centre, self._centre.minutes * 60 * share
        clicks = round(centre.clicks * share)
        for _ in range(clicks):
            self._at(self.now_s + self._dice.uniform(0, lasts_s), lambda: self._click(video))
        whole, frames = ceil(centre.passes), round(centre.frames * share)
        for number in range(1, whole + 1):
            when_s = self.now_s + lasts_s * number / (whole + 1)
            self._at(when_s, lambda: self._ask(video, round(frames * centre.passes / whole)))
        self._at(self.now_s + lasts_s, lambda: self._leave(person, video))

    def _choose(self, person: int) -> tuple[int, float]:
        """Choose a video, and how long it is beside the usual one."""
        if not self._scenario.zipf:
            return next(self._numbers), 1.0
        if self._dice.random() < 0.2:  # one that many look at
            (rank,) = self._dice.choices(range(len(self._weights)), cum_weights=self._weights)
            return -1 - rank, 1.0
        return next(self._numbers), min(10.0, self._dice.paretovariate(1.5) / 3)

    def _click(self, video: int) -> None:
        device = self._device_of(video, video)
        device.use(video)
        wait_s = max(0.0, self._moving_until_s.get(video, 0.0) - self.now_s)
        self.outcome.masks_s.append(wait_s + device.click(self.now_s + wait_s, self._dice))

    def _ask(self, video: int, frames: int) -> None:
        device = self._device_of(video, video)
        device.ask(Run(video, frames, self.now_s))
        self._begin(device)

    def _begin(self, device: Device) -> None:
        ends_s = device.begin_next(self.now_s)
        if ends_s is not None:
            run = device.run
            self._at(ends_s, lambda: self._end(device, run))

    def _end(self, device: Device, run: Run | None) -> None:
        """End a run, unless it has moved, or clicks have delayed it."""
        if device.run is not run:
            return
        if device.run_ends_s > self.now_s:
            self._at(device.run_ends_s, lambda: self._end(device, run))
            return
        device.run = None
        self._begin(device)

    def _leave(self, person: int, video: int) -> None:
        device = self._device_of(video, person)
        device.viewers -= 1
        self._people_on[video] -= 1
        self._at(self.now_s + IDLE_S, lambda: self._give_back(video))
        self._open(person)


def row_of(centre: Centre, scenario: Scenario, seconds: float, seed: int) -> list[str]:
    """Simulate a scenario; return the cells of its row."""
    simulation = Simulation(centre, scenario, seconds, seed)
    outcome, shares = simulation.run(), simulation.busy_shares()
    masks_ms = sorted(wait * 1000 for wait in outcome.masks_s)
    return [
        scenario.name,
        str(len(shares)),
        " / ".join(f"{_at_share(masks_ms, share):.0f}" for share in (0.5, 0.95, 0.99)),
        f"{_at_share(sorted(outcome.run_waits_s), 0.95):.0f}",
        f"{sum(shares) / len(shares):.2f} / {max(shares):.2f}",
        str(outcome.viewers_max),
        str(outcome.moved),
        str(outcome.refused),
        str(outcome.wanted),
    ]


HEAD = (
    "scenario",
    "devices",
    "click to mask, ms: p50 / p95 / p99",
    "a run waits, s: p95",
    "busy: mean / busiest",
    "people on one device, most",
    "moved",
    "refused",
    "wanted, most",
)


def main(argv: Sequence[str]) -> int:
    """Simulate every scenario, and print the table as its rows are known."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help="40 people, ten minutes")
    parser.add_argument("--whole", action="store_true", help="one cluster of 10,000, too")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    centre, seconds = cluster_of(Centre()), 3600.0
    if options.small:
        centre, seconds = replace(centre, annotators=40), 600.0
    print("| " + " | ".join(HEAD) + " |")
    print("|---" * len(HEAD) + "|")
    for scenario in SCENARIOS:
        print("| " + " | ".join(row_of(centre, scenario, seconds, options.seed)) + " |", flush=True)
    if options.whole:
        whole = Scenario("Zipf, 10,000 people in one cluster", zipf=True)
        print("| " + " | ".join(row_of(Centre(), whole, 900.0, options.seed)) + " |", flush=True)
    return 0


def _at_share(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
