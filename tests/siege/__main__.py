"""``python -m tests.siege --scale 0.1``: attack a server in every way; add what was done up.

A failure can be had again with the seed that is printed: ``--only kills --seed 7``.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from scripts.campaigns import CAMPAIGNS, Campaign, Run, record
from tests.siege import (
    clock,
    cluster_kills,
    cuts,
    damage,
    dry_runs,
    inputs,
    kills,
    requests,
    soak,
    suites,
)
from tests.siege.attack import Attack

ATTACKS: dict[str, Callable[[Attack], None]] = {
    "kills": kills.attack,
    "cuts": cuts.attack,
    "imports": inputs.imports,
    "dry_runs": dry_runs.through_services,
    "dry_runs_over_rest": dry_runs.over_rest,
    "containers": inputs.containers,
    "checkpoints": inputs.checkpoints,
    "requests": requests.attack,
    "damage": damage.attack,
    "full_disk": suites.full_disk,
    "clock": clock.attack,
    "soak": soak.attack,
    "cluster_kills": cluster_kills.attack,
}
SCALE = 0.1
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the campaigns; 1 if anything was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--scale", type=float, default=SCALE, help="share of the full numbers")
    parser.add_argument("--only", choices=sorted(ATTACKS), action="append")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument("--record", action="store_true", help="add to docs/campaigns.jsonl")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the attacks made so far count
    found = 0
    for campaign in CAMPAIGNS:
        if not options.only or campaign.name in options.only:
            run, stopped = carry_out(campaign, campaign.count(options.scale), options.seed)
            found += len(run.found)
            if options.record and run.count:
                record(run)
            if stopped:
                return INTERRUPTED
    return min(found, 1)


def carry_out(campaign: Campaign, count: int, seed: int) -> tuple[Run, bool]:
    """Run a campaign in a folder of its own, which stays if anything was found.

    Returns what was done, and whether it was stopped by a signal.
    """
    say(f"{campaign.name}: {count} of {campaign.full}, --seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix=f"siege-{campaign.name}-"))
    attack = Attack(count, random.Random(f"{campaign.name} {seed}"), folder)
    began_s, stopped = time.monotonic(), False
    try:
        ATTACKS[campaign.name](attack)
    except KeyboardInterrupt:
        stopped = True
        say("  stopped")
    except Exception as error:  # noqa: BLE001 - boundary: other campaigns go on
        traceback.print_exc()
        attack.found.append(f"ended early: {error!r}"[:400])
    took_s = round(time.monotonic() - began_s, 1)
    for text in attack.notes:
        say(f"  {text}")
    for text in attack.found:
        say(f"  found: {text}")
    say(f"  {attack.done} done, {len(attack.found)} found, {took_s} s")
    if attack.found:
        say(f"  what is left lies in {folder}")
    else:
        shutil.rmtree(folder)
    today = datetime.now(UTC).date().isoformat()
    return Run(campaign.name, today, seed, attack.done, attack.found, took_s), stopped


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
