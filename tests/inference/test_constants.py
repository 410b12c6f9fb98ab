"""Kept constants equal those that sam2 computes."""

from __future__ import annotations

from typing import Any

import torch

from sam2_session.inference.constants import keep_constants
from tests.inference.conftest import load_plain


def codes(model: Any) -> list[torch.Tensor]:
    features = torch.zeros(1, 8, 16, 16)
    trunk, neck = model.image_encoder.trunk, model.image_encoder.neck
    with torch.inference_mode():
        return [
            trunk._get_pos_embed((64, 64)),
            neck.position_encoding(features),
            neck.position_encoding(features.bfloat16()).float(),
            model.sam_prompt_encoder.get_dense_pe(),
            model.memory_encoder.position_encoding(features),
        ]


def decoded(model: Any, points: Any = None) -> torch.Tensor:
    """Decode a mask from a flat frame, with a click or without a prompt."""
    side, channels = model.sam_image_embedding_size, model.hidden_dim

    def flat(share: int, scale: int) -> torch.Tensor:
        return torch.ones(1, channels // share, side * scale, side * scale)

    outputs = model._forward_sam_heads(
        backbone_features=flat(1, 1),
        point_inputs=points,
        high_res_features=[flat(8, 4), flat(4, 2)],
    )
    mask: torch.Tensor = outputs[3]
    return mask


def test_kept_codes_are_sam2s_own_and_computed_once() -> None:
    model = load_plain()
    computed = codes(model)

    keep_constants(model)
    first, again = codes(model), codes(model)

    assert torch.equal(computed[2].bfloat16(), first[2].bfloat16())
    for index in (0, 1, 3, 4):
        assert torch.equal(first[index], computed[index])
        assert again[index] is first[index]


def test_the_code_of_no_prompt_is_kept_and_that_of_a_click_is_not() -> None:
    model = load_plain()
    click = {
        "point_coords": torch.tensor([[[50.0, 60.0]]]),
        "point_labels": torch.ones(1, 1, dtype=torch.int32),
    }
    embedded: list[Any] = []
    embed = model.sam_prompt_encoder._embed_points
    model.sam_prompt_encoder._embed_points = lambda *args, **options: (
        embedded.append(1) or embed(*args, **options)
    )
    with torch.inference_mode():
        computed = [decoded(model), decoded(model, click)]
        keep_constants(model)
        embedded.clear()

        kept = [decoded(model), decoded(model, click), decoded(model), decoded(model, click)]

    assert all(map(torch.equal, kept, computed * 2))
    assert len(embedded) == 3
