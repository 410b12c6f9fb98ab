"""Campaigns on the smallest scale, and the file that adds them up."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.campaigns import CAMPAIGNS, Campaign, Run, campaign_rows, record, recorded
from tests.siege.__main__ import ATTACKS, carry_out

FEW = {
    "imports": 200,
    "dry_runs": 100,
    "dry_runs_over_rest": 50,
    "containers": 10,
    "requests": 100,
    "cuts": 4,
    "clock": 4,
    "damage": 3,
    "kills": 4,
    "cluster_kills": 5,
}


def test_every_campaign_has_its_attack() -> None:
    assert [campaign.name for campaign in CAMPAIGNS] == list(ATTACKS)


def test_runs_add_up(tmp_path: Path) -> None:
    path = tmp_path / "campaigns.jsonl"
    record(Run("kills", "2026-11-30", 1, 10, (), 60.0), path)
    record(Run("kills", "2026-12-02", 2, 1200, ("lost [7]",), 60.0), path)

    rows = {row[0]: row[2:] for row in campaign_rows(list(recorded(path)))}

    kills, cuts = (rows[campaign.attack] for campaign in CAMPAIGNS[:2])
    assert kills == ("1,210 of 1,000", "2026-11-30 – 2026-12-02", 1)
    assert cuts == ("0 of 500", "not yet", "")


@pytest.mark.slow
@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda campaign: campaign.name)
def test_a_small_campaign_finds_nothing(campaign: Campaign) -> None:
    run, _ = carry_out(campaign, FEW.get(campaign.name, 1), seed=1)

    assert run.found == []
    assert run.count >= 1
