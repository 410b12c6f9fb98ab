"""Builds the unmodified SAM 2.1 network to train, with initial weights that help it learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from hydra.utils import instantiate
from omegaconf import OmegaConf
from torch import nn

ROOT = Path(__file__).resolve().parents[1]
DEMO_CONFIG = ROOT / "configs" / "sam2.1" / "sam2.1_hiera_demo.yaml"
STRIDE = 16  # pixels of the input per cell of the top feature map


def build_network(config: Path) -> Any:
    """Build a `SAM2Base` of this configuration with random weights, in training mode."""
    settings = OmegaConf.load(config)
    OmegaConf.resolve(settings)
    return instantiate(settings.model, _recursive_=True).train()


def set_image_size(network: Any, side: int) -> None:
    """Work on square inputs of this many pixels; no weight depends on it."""
    if network.image_size == side:
        return
    cells = side // STRIDE
    network.image_size = side
    network.sam_image_embedding_size = cells
    prompts = network.sam_prompt_encoder
    prompts.image_embedding_size = (cells, cells)
    prompts.input_image_size = (side, side)
    prompts.mask_input_size = (side // 4, side // 4)
    for block in network.image_encoder.trunk.blocks:
        if block.window_size:  # a window larger than the map would be mostly padding
            block.full_window = getattr(block, "full_window", block.window_size)
            block.window_size = min(block.full_window, cells)


@torch.no_grad()
def set_start_values(network: Any) -> None:
    """Set initial weights that let the prompt matter from the first steps.

    With plain random values the mask decoder ignores the click for thousands of steps: its first
    self-attention averages all tokens, its 8-wide heads hide the match between the click's place
    code and the pixels', and the image drowns both. So the attentions between click and pixels
    start as a match of the low frequencies of the place code, and the memory attention starts as a
    look at the same place.
    """
    for name, parameter in network.named_parameters():
        if "pos_embed" in name:
            nn.init.trunc_normal_(parameter, std=0.02)
    network.sam_mask_decoder.pred_obj_score_head.layers[-1].bias.fill_(2.0)
    place = _PlaceCode(network.sam_prompt_encoder.pe_layer)
    _quieten_content(network, place)
    _match_places(network.sam_mask_decoder.transformer, place)
    for layer in network.memory_attention.layers:
        _look_at_same_place(layer)


class _PlaceCode:
    """Find the channels of the random Fourier code with low frequencies."""

    def __init__(self, encoder: Any) -> None:
        self.gaussian = encoder.positional_encoding_gaussian_matrix  # (2, C / 2): sines, cosines
        self.order = self.gaussian.norm(dim=0).argsort()
        self.half = self.gaussian.shape[1]
        low = self.order[: self.half // 2]
        self.channels = torch.cat([low, low + self.half])


def _quieten_content(network: Any, place: _PlaceCode) -> None:
    decoder, prompts = network.sam_mask_decoder, network.sam_prompt_encoder
    tokens = [decoder.iou_token, decoder.mask_tokens, decoder.obj_score_token]
    tokens += [prompts.not_a_point_embed, prompts.no_mask_embed, *prompts.point_embeddings]
    for token in tokens:
        token.weight[:, place.channels] = 0
    for token in prompts.point_embeddings:
        token.weight.mul_(1.5)
    for convolution in network.image_encoder.neck.convs:
        convolution.conv.weight.mul_(0.5)
        convolution.conv.bias.zero_()
    for convolution in network.image_encoder.neck.convs[:2]:
        convolution.conv.weight[place.channels] *= 0.2


def _match_places(transformer: Any, place: _PlaceCode) -> None:
    first = transformer.layers[0].self_attn  # it has no residual: start as the identity
    same = torch.eye(first.q_proj.weight.shape[0])
    gains = {first.q_proj: 1.5, first.k_proj: 1.5, first.v_proj: 1.0, first.out_proj: 1.0}
    for projection, gain in gains.items():
        projection.weight.mul_(0.2).add_(same * gain)
        projection.bias.zero_()
    for layer in transformer.layers:
        _pass_loudly(layer.cross_attn_image_to_token, 1.5)
        _pass_loudly(layer.cross_attn_token_to_image, 1.2)
        layer.cross_attn_image_to_token.v_proj.weight[:, place.channels] *= 0.1
        layer.cross_attn_image_to_token.out_proj.weight[place.channels] *= 0.1
        layer.cross_attn_token_to_image.out_proj.weight[place.channels] *= 0.1
        _tie(layer.cross_attn_token_to_image, place, 2.0)
        _tie(layer.cross_attn_image_to_token, place, 2.0)
        for norm, scale in ((layer.norm1, 0.6), (layer.norm2, 0.6), (layer.norm4, 0.8)):
            norm.weight.fill_(scale)
    _pass_loudly(transformer.final_attn_token_to_image, 1.2)
    _tie(transformer.final_attn_token_to_image, place, 1.6)


def _pass_loudly(attention: Any, gain: float) -> None:
    nn.init.orthogonal_(attention.v_proj.weight, gain)
    nn.init.orthogonal_(attention.out_proj.weight, gain)


def _tie(attention: Any, place: _PlaceCode, gain: float) -> None:
    """Let queries and keys select the same sine and cosine pairs, lowest frequency first."""
    width = attention.internal_dim // attention.num_heads
    select = torch.zeros_like(attention.q_proj.weight)
    for row in range(0, attention.num_heads * width, 2):
        frequency = int(place.order[row // 2])
        select[row, frequency] = 1
        select[row + 1, frequency + place.half] = 1
    for projection in (attention.q_proj, attention.k_proj):
        projection.weight.mul_(0.1).add_(select * gain)
        projection.bias.zero_()


def _look_at_same_place(layer: Any, bias: float = 2.4, pairs: int = 6) -> None:
    """Set a constant on the fast rotary pairs, so that attention falls off with distance."""
    cross = layer.cross_attn_image
    _pass_loudly(cross, 1.0)
    cross.v_proj.weight.mul_(1.2)
    cross.out_proj.weight.mul_(1.5)
    cross.v_proj.bias.zero_()
    cross.out_proj.bias.zero_()
    along_y = cross.internal_dim // 4  # pairs for x come first
    for projection in (cross.q_proj, cross.k_proj):
        projection.weight.mul_(0.4)
        projection.bias.zero_()
        for pair in range(pairs):
            projection.bias[2 * pair] = bias
            projection.bias[2 * (along_y + pair)] = bias
    own = layer.self_attn
    for projection in (own.q_proj, own.k_proj):
        projection.bias.zero_()
    own.out_proj.weight.mul_(0.3)
    layer.linear2.weight.mul_(0.3)
