"""Reads Label Studio's image tasks: each image is a frame, found by its name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from sam2_session.core.errors import InvalidPrompt
from sam2_session.formats.importing.clips import only_this_clip
from sam2_session.formats.importing.file_names import base_name
from sam2_session.formats.importing.frame_names import match_names
from sam2_session.formats.importing.json_input import number
from sam2_session.formats.importing.label_names import instance_and_region
from sam2_session.formats.importing.plan import MaskReader, NamedPoint, Outcome, Subject
from sam2_session.formats.importing.plan_builder import PlanBuilder
from sam2_session.formats.label_studio import shapes
from sam2_session.formats.label_studio.tasks import Annotation, Region, Task, regions_of
from sam2_session.formats.shapes import filled_shapes

FIRST = "1"  # the instance of shapes that name none
ImageFrames = Mapping[tuple[str, int], int]  # (task_id, item_index) to frame_idx, not yet checked


def match_images(tasks: Sequence[Task], builder: PlanBuilder) -> ImageFrames:
    """Find the frame of each image: as the task says, else by number in the name, else by order."""
    frames: dict[tuple[str, int], int] = {}
    urls: dict[tuple[str, int], str] = {}
    for task in tasks:
        for at, image in enumerate(task.images):
            if task.frame_idx is not None:
                frames[(task.task_id, at)] = task.frame_idx + at
            else:
                urls[(task.task_id, at)] = image
    kept = only_this_clip(urls.values(), builder)
    names = match_names(kept, builder)
    of_this = {image: url for image, url in urls.items() if url in kept}
    for order, (place, url) in enumerate(of_this.items()):
        frame_idx = names.frame_of(url, order, base_name(url))
        if frame_idx is not None:
            frames[place] = frame_idx
    return frames


def read_image(
    task: Task, annotation: Annotation, frames: ImageFrames, builder: PlanBuilder
) -> None:
    """Add all regions of one annotation, image by image."""
    where = f"task {task.task_id}"
    by_item: dict[int, list[Region]] = defaultdict(list)
    for region in regions_of(annotation, builder.notes, where):
        by_item[region.item_index].append(region)
    for item, regions in by_item.items():
        wanted = frames.get((task.task_id, item))
        if wanted is None:  # noted when the names were matched, unless there is no such image
            if item >= len(task.images):
                builder.skip("It is not known which frame the image is.", f"{where}, image {item}")
            continue
        frame_idx = builder.frame(wanted, f"{where}, image {item}")
        if frame_idx is not None:
            _Frame(frame_idx, builder, where).read(regions)


class _Frame:
    """Adds the regions drawn on one image."""

    def __init__(self, frame_idx: int, builder: PlanBuilder, where: str) -> None:
        self._frame_idx = frame_idx
        self._builder = builder
        self._where = where
        self._size_hw = builder.facts.size_hw
        self._subjects: dict[str, Subject] = {}  # with something on this frame
        self._background: list[tuple[tuple[float, float], str]] = []  # points that name no subject

    def read(self, regions: Sequence[Region]) -> None:
        """Add all regions, then the background points to every subject of the frame."""
        drawn = [region for region in regions if self._is_upright(region)]
        for size_hw in {region.size_hw for region in drawn if region.size_hw}:
            if min(size_hw) > 0:
                self._builder.tell_size(size_hw, self._where)
        order = self._from_left_to_right(drawn)
        for region in drawn:
            where = f"{self._where}, {region.region_id}"
            try:
                self._add(region, order.get(region.region_id, FIRST), where)
            except InvalidPrompt as error:
                self._builder.skip(error.message, where)
        for xy, where in self._background:
            if not self._subjects:
                self._builder.skip("A background point needs something on its frame.", where)
            for subject in self._subjects.values():
                self._builder.add_point(subject, self._frame_idx, xy, 0, where)

    def _is_upright(self, region: Region) -> bool:
        if region.image_rotation:
            why = "The image was turned while it was annotated."
            self._builder.skip(why, f"{self._where}, {region.region_id}")
        return not region.image_rotation

    def _from_left_to_right(self, regions: Sequence[Region]) -> dict[str, str]:
        """Number the boxes of one label as instances 1, 2, …: nothing else tells them apart."""
        by_label: dict[str, list[Region]] = defaultdict(list)
        for region in regions:
            if region.kind == "rectangle" and self._group(region) is None:
                by_label[_label(region)].append(region)
        order: dict[str, str] = {}
        for same in by_label.values():
            same.sort(key=lambda region: number(region.value.get("x")) or 0.0)
            order |= {region.region_id: str(at) for at, region in enumerate(same, start=1)}
            if len(same) > 1:
                why = (
                    "Several boxes of one label: they became instances from left to right, which "
                    "may change from frame to frame. Check them."
                )
                self._builder.notes.add(Outcome.WARNING, why, f"frame {self._frame_idx}")
        return order

    def _group(self, region: Region) -> str | None:
        return instance_and_region(_label(region), region.text, self._builder.choices.regions)[0]

    def _subject(self, region: Region, default_group: str) -> Subject:
        label = _label(region)
        group, part = instance_and_region(label, region.text, self._builder.choices.regions)
        subject = self._builder.subject(
            label, group or default_group, instance_name=group, region=part
        )
        self._subjects[subject.name] = subject
        return subject

    def _add(self, region: Region, group: str, where: str) -> None:
        if region.kind == "keypoint":
            self._add_keypoint(region, group, where)
        elif region.kind == "rectangle":
            self._add_rectangle(region, group, where)
        else:
            self._add_mask(region, group, where)

    def _add_rectangle(self, region: Region, group: str, where: str) -> None:
        corners = shapes.rectangle(region.value, self._size_hw)
        if corners is None:
            self._builder.skip("The rectangle is not whole.", where)
            return
        if number(region.value.get("rotation")):
            why = "A turned rectangle became the upright box around it."
            self._builder.notes.add(Outcome.WARNING, why, where)
        subject = self._subject(region, group)
        self._builder.add_box(subject, self._frame_idx, filled_shapes.bounds(corners), where)

    def _add_keypoint(self, region: Region, group: str, where: str) -> None:
        xy = shapes.keypoint(region.value, self._size_hw)
        label, choices = _label(region), self._builder.choices
        negative = label.casefold() in choices.negative_labels
        if xy is None:
            self._builder.skip("The point has no place.", where)
        elif region.meta.get("keypoint") is True:  # of our own export
            visible, derived = region.meta.get("visible"), region.meta.get("derived")
            point = NamedPoint(*xy, label, visible is not False, derived is True)
            subject = self._builder.subject(
                region.text or label, region.text or group, instance_name=region.text
            )
            self._builder.add_keypoint(subject, self._frame_idx, point, where)
        elif label in choices.keypoint_labels:
            point = NamedPoint(*xy, name=region.text or label)
            subject = self._subject(region, group)
            self._builder.add_keypoint(subject, self._frame_idx, point, where)
        elif negative and region.is_positive is not True:
            self._background.append((xy, where))
        else:
            positive = region.is_positive is not False
            subject = self._subject(region, group)
            self._builder.add_point(subject, self._frame_idx, xy, int(positive), where)

    def _add_mask(self, region: Region, group: str, where: str) -> None:
        read = self._mask_reader(region)
        if read is None:
            self._builder.skip(f"The {region.kind} is not whole.", where)
            return
        self._builder.add_mask(self._subject(region, group), self._frame_idx, read)

    def _mask_reader(self, region: Region) -> MaskReader | None:
        value, size_hw = region.value, self._size_hw
        if region.kind == "brush":
            return shapes.brush(value, region.size_hw, size_hw)
        simple: dict[str, Callable[..., MaskReader | None]] = {
            "polygon": shapes.polygon,
            "ellipse": shapes.ellipse,
            "bitmask": shapes.bitmask,
        }
        make = simple.get(region.kind)
        return make(value, size_hw) if make else None


def _label(region: Region) -> str:
    return region.labels[0] if region.labels else "(no label)"
