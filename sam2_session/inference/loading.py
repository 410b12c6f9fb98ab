"""Build a network of the sam2 package and put weights into it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch

from sam2_session.core.errors import ModelUnavailable
from sam2_session.inference.network import Network

WEIGHTS_NAME_CHARS = 12  # of the checkpoint's sha256


def load_network(
    config: str | Path,
    checkpoint: Path | None,
    *,
    image_size: int | None = None,
    name: str,
    device: str,
    precision: str,
) -> Network:
    """Build the network and load its weights (weights only: no pickled code runs).

    `config` is a file, or a name in the sam2 package; `image_size`, the side of the square input in
    pixels, replaces the one it gives. Without a checkpoint the weights are random: enough to
    measure speed. Raises `ModelUnavailable`.
    """
    target = choose_device(device)
    chosen, _ = choose_precision(precision, target)
    resized = [] if image_size is None else [f"++model.image_size={image_size}"]
    model = _build(config, checkpoint, name, target, resized)
    if chosen == "bf16":
        model.image_encoder.to(memory_format=torch.channels_last)
    weights = "random" if checkpoint is None else _weights_name(checkpoint)
    if image_size is not None:
        weights += f"@{image_size}"  # at another size the same weights predict other masks
    return Network(model, name=name, weights=weights, device=target, precision=chosen)


def limit_threads(count: int) -> None:
    """Limit the threads of one torch operation; 0 leaves it to torch."""
    if count:
        torch.set_num_threads(count)


def _build(
    config: str | Path,
    checkpoint: Path | None,
    name: str,
    device: torch.device,
    overrides: list[str],
) -> Any:
    # A quarter of a second that clicks need not wait for after a restart
    from hydra import initialize_config_dir, initialize_config_module
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import MissingConfigException
    from sam2.build_sam import build_sam2_video_predictor

    GlobalHydra.instance().clear()
    if isinstance(config, Path):
        initialize_config_dir(str(config.parent.resolve()), version_base="1.2")
        config = config.name
    else:
        initialize_config_module("sam2", version_base="1.2")
    weights = None if checkpoint is None else str(checkpoint)
    try:
        return build_sam2_video_predictor(
            config, weights, device=device, hydra_overrides_extra=overrides
        )
    except MissingConfigException as error:
        raise ModelUnavailable(
            f"{name} has no configuration {config}, neither in configs/ nor in the sam2 package.",
            hint="Correct its row in configs/models.yaml.",
        ) from error
    except torch.OutOfMemoryError as error:
        raise ModelUnavailable(
            f"{name} does not fit into the memory of {device}.",
            hint="Choose a smaller model, or --device cpu.",
        ) from error
    except (RuntimeError, KeyError, EOFError, OSError) as error:
        raise _does_not_load(name, str(error)) from error
    except Exception as error:  # a damaged file raises nearly anything
        if checkpoint is None:
            raise
        raise _does_not_load(name, "It is not a file of weights.") from error


def _does_not_load(name: str, reason: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"The checkpoint of {name} does not load. {reason}".strip(),
        hint="Delete the file in checkpoints/ so that it is fetched again.",
    )


def choose_device(wanted: str) -> torch.device:
    """Find the device that ``--device`` names. Raises `ModelUnavailable`."""
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(wanted)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ModelUnavailable(
            f"There is no device {wanted!r} here: {str(error).splitlines()[0]}",
            hint="Start with --device cpu, or auto.",
        ) from error
    return device


def choose_precision(wanted: str, device: torch.device) -> tuple[str, str]:
    """Resolve ``--precision``; returns it with the reason, in words.

    `auto` goes by the hardware alone, not by a measurement: masks of one precision are stale in the
    other, so the same machine must choose the same, however busy it is.
    """
    if wanted != "auto":
        return wanted, "chosen by --precision"
    kind = "GPU" if device.type == "cuda" else "CPU"
    if device.type == "cuda":
        computes = torch.cuda.is_bf16_supported()
    else:  # without instructions for it a CPU emulates bfloat16, slower than float32
        computes = torch.cpu._is_avx512_bf16_supported()
    if computes:
        return "bf16", f"this {kind} computes in bfloat16"
    return "fp32", f"this {kind} has no bfloat16"


def _weights_name(checkpoint: Path) -> str:
    with checkpoint.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:WEIGHTS_NAME_CHARS]
