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
        ]


def test_kept_codes_are_sam2s_own_and_computed_once() -> None:
    model = load_plain()
    computed = codes(model)

    keep_constants(model)
    first, again = codes(model), codes(model)

    assert torch.equal(computed[2].bfloat16(), first[2].bfloat16())
    for index in (0, 1, 3):
        assert torch.equal(first[index], computed[index])
        assert again[index] is first[index]
