"""Labels of other tools are split into an instance and a region."""

from __future__ import annotations

import pytest

from sam2_session.formats.importing.label_names import instance_and_region, same_name, split_label

REGIONS = ("overall", "shaft", "tool_tip")


@pytest.mark.parametrize(
    ("label", "parts"),
    [
        ("tool1_shaft", ("tool1", "shaft")),
        ("Shaft 2", ("2", "shaft")),
        ("left tool-tip", ("left", "tool_tip")),
        ("shaft", (None, "shaft")),
        ("grasper", (None, None)),
    ],
)
def test_a_label_names_an_instance_a_region_or_neither(
    label: str, parts: tuple[str | None, str | None]
) -> None:
    assert split_label(label, REGIONS) == parts


def test_a_text_names_the_instance_and_may_name_the_region() -> None:
    assert instance_and_region("shaft", "left", REGIONS) == ("left", "shaft")
    assert instance_and_region("shaft", "left_overall", REGIONS) == ("left", "overall")


def test_names_are_compared_without_case_and_punctuation() -> None:
    assert same_name("Left Tool", "left-tool")
    assert not same_name("", "-")
