"""A run is known by the prompts and the network that it started from."""

from __future__ import annotations

from sam2_session.core.conditioning import conditioning, is_from, stretched

NOW = conditioning([(3, "a"), (7, "b")], "net")


def test_it_names_prompts_frames_and_network_in_any_order() -> None:
    others = [
        conditioning([(3, "a"), (7, "c")], "net"),
        conditioning([(3, "a"), (8, "b")], "net"),
        conditioning([(3, "a")], "net"),
        conditioning([(3, "a"), (7, "b")], "other"),
    ]

    assert conditioning([(7, "b"), (3, "a")], "net") == NOW
    assert len({NOW, *others}) == 5


def test_a_stretch_run_is_from_the_same_prompts_and_marked_once() -> None:
    marked = stretched(NOW)

    assert marked != NOW
    assert stretched(marked) == marked
    assert is_from(NOW, NOW)
    assert is_from(marked, NOW)
    assert not is_from(marked, conditioning([(3, "a")], "net"))
