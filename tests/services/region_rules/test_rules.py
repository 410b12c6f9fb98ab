"""Rules between regions: read from the configuration, counted by frame, mended as one action."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sam2_session.core.errors import InvalidRequest, NothingToDo
from sam2_session.core.region_rules import RegionRules, Violations, mended, violations
from sam2_session.services.projects.regions import load_regions, load_rules
from tests.annotating import BODY, DISC, annotating, mask_array, settings_of

ALL = RegionRules("overall", ("shaft", "wrist"), inside=True, exclusive=True)
UNION = RegionRules("overall", ("shaft", "wrist"), exclusive=True, union=True)


def row(first: int, last: int) -> np.ndarray:
    mask = np.zeros((1, 10), np.bool_)
    mask[:, first : last + 1] = True
    return mask


MASKS = {"overall": row(2, 7), "shaft": row(0, 5), "wrist": row(4, 6)}


def test_pixels_outside_shared_and_missing_are_counted() -> None:
    assert violations(ALL, MASKS) == Violations(outside=2, shared=2)
    assert violations(UNION, MASKS) == Violations(outside=2, shared=2, missing=1)
    assert not violations(ALL, {"shaft": row(0, 5)})


def test_parts_are_cut_and_the_smaller_one_keeps_what_both_have() -> None:
    after = mended(ALL, MASKS, frozenset())

    assert set(after) == {"shaft"}
    assert np.array_equal(after["shaft"], row(2, 3))
    assert not violations(ALL, {**MASKS, **after})


def test_where_the_model_left_logits_the_surer_part_keeps_the_pixel() -> None:
    exclusive = RegionRules("overall", ("shaft", "wrist"), exclusive=True)
    surer = {"shaft": np.linspace(9, 0, 10)[None], "wrist": np.linspace(0, 9, 10)[None]}

    after = mended(exclusive, MASKS, frozenset(), surer)  # both claim 4 and 5

    assert np.array_equal(after["shaft"], row(0, 4))
    assert np.array_equal(after["wrist"], row(5, 6))
    assert set(mended(exclusive, MASKS, frozenset({"shaft"}), surer)) == {"wrist"}


def test_a_whole_that_is_a_union_becomes_it_unless_a_person_made_it() -> None:
    after = mended(UNION, MASKS, frozenset())
    assert np.array_equal(after["overall"], row(0, 6))
    assert not violations(UNION, {**MASKS, **after})

    kept = mended(UNION, MASKS, frozenset({"overall", "shaft"}))
    assert set(kept) == {"wrist"}
    assert np.array_equal(kept["wrist"], row(6, 6))


def test_rules_are_read_and_wrong_ones_refused(tmp_path: Path) -> None:
    path = tmp_path / "regions.yaml"
    config: dict[str, Any] = {"regions": [{"name": "overall"}, {"name": "shaft"}]}
    path.write_text(yaml.safe_dump(config))
    regions = load_regions(path)
    assert load_rules(path, regions) is None

    rules = {"whole": "overall", "parts": ["shaft"], "inside": True}
    path.write_text(yaml.safe_dump({**config, "rules": rules}))
    assert load_rules(path, regions) == RegionRules("overall", ("shaft",), inside=True)

    path.write_text(yaml.safe_dump({**config, "rules": {**rules, "parts": ["claw"]}}))
    with pytest.raises(InvalidRequest, match="claw"):
        load_rules(path, regions)


def test_frames_that_break_a_rule_are_mended_by_one_action(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    path = settings.configs_dir / "regions.yaml"
    rules = {"whole": "overall", "parts": ["shaft", "wrist"], "inside": True, "exclusive": True}
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), "rules": rules}))
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        ada.click(0, *DISC, region="shaft")
        ada.propagate(start=0, end=3)
        before = ada.call("list_violations", video_id="clip")["violations"]
        assert [found["frame_idx"] for found in before] == [0, 1, 2, 3]
        assert all(found["outside"] for found in before)

        job = ada.call("mend_regions", video_id="clip", frames=[[0, 3]])
        ended = ada.job_ended(job["job_id"])

        left = ada.call("list_violations", video_id="clip")["violations"]
        assert (ended["state"], [found["frame_idx"] for found in left]) == ("done", [0])
        assert not mask_array(settings, 2, region="shaft").any()  # the disc is no part of the body
        key = {"video_id": "clip", "instance_id": 1, "region": "shaft"}
        assert ada.send("undo", key=key, frame_idx=2)["frames"] == 3
        assert ada.call("list_violations", video_id="clip")["violations"] == before


def test_without_rules_nothing_is_broken_nor_mended(tmp_path: Path) -> None:
    with annotating(settings_of(tmp_path)) as ada:
        ada.open()
        answer = ada.call("list_violations", video_id="clip")
        assert answer == {"on": False, "violations": []}
        with pytest.raises(NothingToDo):
            ada.call("mend_regions", video_id="clip", frames=[[0, 3]])


def test_rules_are_changed_while_the_server_runs_and_stay_after_a_restart(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    chosen = {"whole": "overall", "parts": ["shaft"], "inside": True}
    with annotating(settings) as ada:
        ada.open()
        ada.click(0, *BODY)
        ada.click(0, *DISC, region="shaft")
        before = ada.call("list_violations", video_id="clip")
        ada.call("change_region_rules", rules=chosen)
        broken = ada.call("list_violations", video_id="clip")
        for wrong in ({**chosen, "parts": ["none"]}, {**chosen, "parts": ["overall"]}):
            with pytest.raises(InvalidRequest):
                ada.call("change_region_rules", rules=wrong)
        told = ada.of("region_rules_changed")

    with annotating(settings) as bob:
        kept = bob.call("get_region_rules")["rules"]
        bob.call("change_region_rules", rules=None)
        bob.open()
        after = bob.call("list_violations", video_id="clip")

    assert (before["on"], before["violations"]) == (after["on"], after["violations"]) == (False, [])
    assert [row["frame_idx"] for row in broken["violations"]] == [0]
    assert kept == {**chosen, "exclusive": False, "union": False} == told[0]["rules"]
