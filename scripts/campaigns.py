"""Campaigns that attack a running server, their full numbers, and what their runs have added up to.

Each run adds a line to ``docs/campaigns.jsonl``: ``{campaign, date, seed, count, found, seconds}``,
where `found` are texts. The tables of docs/reliability.md are made from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RECORDS = Path(__file__).resolve().parents[1] / "docs" / "campaigns.jsonl"


@dataclass(frozen=True, slots=True)
class Campaign:
    """A kind of attack: `full` is how many make a whole campaign."""

    name: str
    attack: str
    must_hold: str
    full: int
    unit: str = ""

    def count(self, scale: float) -> int:
        """Return how many a run of this scale does, at least one."""
        return max(1, round(self.full * scale))


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a campaign."""

    campaign: str
    date: str
    seed: int
    count: int
    found: Sequence[str]
    seconds: float


CAMPAIGNS = (
    Campaign(
        "kills",
        "`kill -9` of the web process, the session process, or both, under clicks and in an "
        "import, export, extraction, upload, deletion, undo, run, roll-back or batch",
        "no acknowledged command lost or applied twice; database, JSON and PNG agree",
        1000,
    ),
    Campaign(
        "cuts",
        "Connections of a real Chromium cut (RST) while somebody clicks",
        "each click applied once; the page says that all is saved",
        500,
    ),
    Campaign(
        "imports",
        "Files of every import format with changed values, names and bytes",
        "a plan, a question or a reason; nothing else",
        60_000,
    ),
    Campaign(
        "dry_runs",
        "Dry runs of such files through the services",
        "none hangs, fails or changes anything; masks come with how their frames were found",
        10_000,
    ),
    Campaign(
        "dry_runs_over_rest",
        "Dry runs of such files over REST",
        "the same, and no 500",
        2000,
    ),
    Campaign(
        "containers",
        "Videos, pictures and ZIPs with changed bytes, probed and extracted",
        "frames, or an error of that file alone",
        10_000,
    ),
    Campaign(
        "checkpoints",
        "Checkpoints with changed, cut or foreign bytes, loaded",
        "a network or a refusal; nothing in the file is run",
        1000,
    ),
    Campaign(
        "requests",
        "Rubbish in every field of routes and events, and raw bytes, in both async modes",
        "an answer below 500, or none to what is no HTTP; the server goes on",
        29_000,
    ),
    Campaign(
        "damage",
        "Each file we keep, damaged in ten ways under a running server, which is then killed",
        "other videos are served and annotated; an error names what is wrong",
        300,
    ),
    Campaign(
        "full_disk",
        "Tests on a full disk and on read-only outputs, each from nothing",
        "refused by name; nothing acknowledged is lost; it goes on once there is space",
        100,
        "tests",
    ),
    Campaign(
        "clock",
        "The wall clock of a running server put forward or back by hours, days and ten years, in "
        "the midst of clicks, runs and exports",
        "nothing lost, restarted or kept waiting; what was deleted comes back",
        200,
    ),
    Campaign(
        "soak",
        "Clicks, runs and now and then a kill, for long",
        "as for kills; no job left behind",
        30,
        "minutes",
    ),
    Campaign(
        "cluster_kills",
        "`kill -9` of an actor, a node, a gateway, a web process or nginx of a cluster of a head, "
        "three nodes and two web processes, under clicks and runs",
        "no acknowledged command lost or applied twice; masks as an undisturbed server makes them",
        100,
    ),
)


def recorded(path: Path = RECORDS) -> Iterator[Run]:
    """Read the runs so far, oldest first."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield Run(**json.loads(line))


def record(run: Run, path: Path = RECORDS) -> None:
    """Add a run."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(run)) + "\n")


def campaign_rows(runs: Sequence[Run]) -> Iterator[tuple[object, ...]]:
    """Yield a row for each campaign: its attack, how much of it was done, when, what was found."""
    for campaign in CAMPAIGNS:
        own = [run for run in runs if run.campaign == campaign.name]
        done = f"{sum(run.count for run in own):,} of {campaign.full:,} {campaign.unit}".rstrip()
        dates = sorted({run.date for run in own})
        when = " – ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else "not yet"
        found = sum(len(run.found) for run in own)
        yield campaign.attack, campaign.must_hold, done, when, found if own else ""
