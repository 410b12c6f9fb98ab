from __future__ import annotations

from sam2_session.core.conditioning import conditioning
from sam2_session.core.types import Direction, SessionKey
from sam2_session.services.propagation.plan import RunPlan

A = SessionKey("v", 1, "overall")
B = SessionKey("v", 2, "shaft")


def plan(direction: Direction, *, start: int = 0, end: int = 5) -> RunPlan:
    return RunPlan({A: 1, B: 3}, start, end, direction)


def visits(of: RunPlan, key: SessionKey) -> list[tuple[int, bool]]:
    return [(frame.frame_idx, frame.reverse) for frame in of.frames() if key in frame.keys]


def test_each_pair_begins_at_its_own_first_prompt() -> None:
    forward = plan(Direction.FORWARD)

    assert visits(forward, A) == [(idx, False) for idx in range(1, 6)]
    assert visits(forward, B) == [(idx, False) for idx in range(3, 6)]
    assert [frame.frame_idx for frame in forward.frames()] == [1, 2, 3, 4, 5]


def test_backward_goes_from_the_prompt_to_the_start() -> None:
    backward = plan(Direction.BACKWARD)

    assert visits(backward, A) == [(1, True), (0, True)]
    assert visits(backward, B) == [(3, True), (2, True), (1, True), (0, True)]


def test_both_goes_forward_first() -> None:
    both = plan(Direction.BOTH).frames()

    assert both == plan(Direction.FORWARD).frames() + plan(Direction.BACKWARD).frames()


def test_a_range_cuts_both_ends() -> None:
    cut = plan(Direction.FORWARD, start=2, end=4)

    assert visits(cut, A) == [(2, False), (3, False), (4, False)]
    assert (cut.span(A), cut.span(B)) == ((2, 4), (3, 4))


def test_a_plan_survives_the_database() -> None:
    both = plan(Direction.BOTH)

    assert RunPlan.from_json("v", both.to_json()) == both


def test_prompts_and_network_name_a_conditioning() -> None:
    frames = [(3, "b"), (1, "a")]

    assert conditioning(frames, "demo") == conditioning(frames[::-1], "demo")
    assert conditioning(frames, "demo") != conditioning(frames[:1], "demo")
    assert conditioning(frames, "demo") != conditioning(frames, "large")
