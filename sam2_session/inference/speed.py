"""Measures how fast a device does a network's work, to estimate other networks' speed."""

from __future__ import annotations

import time
from contextlib import nullcontext

import torch
import torch.nn.functional as F

from sam2_session.inference.attention import ProductAttention, gains_from_products
from sam2_session.inference.network import Network

TOKENS, CHANNELS = 2048, 256  # a piece of the memory attention, most of a tracked frame's work
IMAGE_SIZE = 1024  # of Meta's models, which are to be estimated
TRIES = 3  # the fastest counts: others are held up by something else


def measure_gflops(network: Network) -> float:
    """Return 10^9 operations a second of the network's device in its precision, with none beside.

    Takes some hundredths of a second; any thread may call it.
    """
    dtype = torch.bfloat16 if network.precision == "bf16" else torch.float32
    piece = torch.ones((1, 1, TOKENS, CHANNELS), dtype=dtype, device=network.device)
    by_products = gains_from_products(network.device, network.precision, IMAGE_SIZE)
    with torch.inference_mode(), ProductAttention() if by_products else nullcontext():
        least_s = min(_attend_s(piece) for _ in range(TRIES))
    return 4 * TOKENS * TOKENS * CHANNELS / 1e9 / least_s


def _attend_s(piece: torch.Tensor) -> float:
    start_s = _clock_s(piece.device)
    F.scaled_dot_product_attention(piece, piece, piece)
    return _clock_s(piece.device) - start_s


def _clock_s(device: torch.device) -> float:
    """Seconds of the device's own work: on a CPU those that this process computed, per thread."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        return time.perf_counter()
    return time.process_time() / torch.get_num_threads()
