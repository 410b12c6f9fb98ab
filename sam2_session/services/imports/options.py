"""Checks the options of an import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from sam2_session.core.errors import InvalidRequest
from sam2_session.core.types import REGION_SLUG
from sam2_session.formats.importing.plan import DEFAULT_NEGATIVE, ImportChoices

T = TypeVar("T", bound=StrEnum)

MAX_LABELS = 1000
MAX_OFFSET = 10**8
FIELDS = frozenset(
    ("task", "annotator", "frame_offset", "negative_labels", "keypoint_labels", "mapping")
    + ("masks_as", "existing", "predictions")
)


class MasksAs(StrEnum):
    """The source of imported masks: propagated, or made by a person."""

    IMPORTED = "imported"
    PROMPTS = "prompts"


class Predictions(StrEnum):
    """Treatment of a model's predictions in a file, for tasks that nobody has annotated."""

    LEAVE_OUT = "leave_out"
    TAKE = "take"


class Existing(StrEnum):
    """Treatment of frames that a person prompted, or whose masks a person approved."""

    KEEP = "keep"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Wish:
    """The user's target for a subject; None takes the suggestion, `new` makes an instance."""

    instance_id: int | None = None
    region: str | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """All choices; `mapping` is by a subject's name or label, None leaves the subject out."""

    choices: ImportChoices
    mapping: Mapping[str, Wish | None] = field(default_factory=dict)
    masks_as: MasksAs = MasksAs.IMPORTED
    existing: Existing = Existing.KEEP


def parse_options(data: Any, regions: tuple[str, ...]) -> ImportOptions:
    """Check the options object of a request. Raises `InvalidRequest`."""
    if data is None:
        data = {}
    if not isinstance(data, Mapping):
        raise InvalidRequest("options must be a JSON object.")
    unknown = set(data) - FIELDS
    if unknown:
        raise InvalidRequest(
            f"An import has no option {sorted(map(str, unknown))[0][:80]!r}.",
            hint=f"Its options are {', '.join(sorted(FIELDS))}.",
        )
    choices = ImportChoices(
        task=_optional_text(data, "task"),
        annotator=_optional_text(data, "annotator"),
        frame_offset=_offset(data.get("frame_offset")),
        negative_labels=_negative(data),
        keypoint_labels=frozenset(_texts(data, "keypoint_labels")),
        regions=regions,
        take_predictions=_one_of(Predictions, data, "predictions", Predictions.LEAVE_OUT)
        is Predictions.TAKE,
    )
    return ImportOptions(
        choices,
        parse_mapping(data.get("mapping"), regions),
        _one_of(MasksAs, data, "masks_as", MasksAs.IMPORTED),
        _one_of(Existing, data, "existing", Existing.KEEP),
    )


def parse_mapping(data: Any, regions: tuple[str, ...]) -> dict[str, Wish | None]:
    """Check ``{label: {instance_id, region} or null}``; ``instance_id: null``: a new instance."""
    if data is None:
        return {}
    if not isinstance(data, Mapping) or len(data) > MAX_LABELS:
        raise InvalidRequest(f"mapping is an object of at most {MAX_LABELS} labels.")
    return {str(name): _wish(str(name), wish, regions) for name, wish in data.items()}


def _wish(name: str, data: Any, regions: tuple[str, ...]) -> Wish | None:
    if data is None:
        return None
    if not isinstance(data, Mapping) or set(data) - {"instance_id", "region"}:
        raise InvalidRequest(
            f"mapping of {name[:80]!r} must be {{instance_id, region}} or null.",
            hint="null leaves the label out; instance_id null makes a new instance.",
        )
    instance_id, region = data.get("instance_id"), data.get("region")
    if instance_id is not None and (type(instance_id) is not int or instance_id < 1):
        raise InvalidRequest(f"instance_id of {name[:80]!r} must be a whole number of 1 or more.")
    if region is not None and (
        not isinstance(region, str) or not REGION_SLUG.fullmatch(region) or region not in regions
    ):
        raise InvalidRequest(
            f"There is no region {str(region)[:80]!r}.", hint=f"Regions are {', '.join(regions)}."
        )
    return Wish(instance_id, region, new="instance_id" in data and instance_id is None)


def _optional_text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # ids of tasks are numbers in their files
    if value is not None and (not isinstance(value, str) or len(value) > 200):
        raise InvalidRequest(f"{name} must be a text of at most 200 characters.")
    return value


def _offset(value: Any) -> int | None:
    if value is None or (type(value) is int and abs(value) <= MAX_OFFSET):
        return value
    raise InvalidRequest("frame_offset must be a whole number.")


def _texts(data: Mapping[str, Any], name: str) -> list[str]:
    value = data.get(name, [])
    if (
        not isinstance(value, list)
        or len(value) > MAX_LABELS
        or not all(isinstance(text, str) for text in value)
    ):
        raise InvalidRequest(f"{name} must be a list of texts.")
    return value


def _negative(data: Mapping[str, Any]) -> frozenset[str]:
    if data.get("negative_labels") is None:
        return DEFAULT_NEGATIVE
    return frozenset(label.casefold() for label in _texts(data, "negative_labels"))


def _one_of(kind: type[T], data: Mapping[str, Any], name: str, default: T) -> T:
    value = data.get(name)
    if value is None:
        return default
    if not isinstance(value, str) or value not in list(kind):
        raise InvalidRequest(f"{name} must be one of {', '.join(kind)}.")
    return kind(value)
