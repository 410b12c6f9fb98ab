"""Finds the frame and the drawn size of COCO's images, and of the names in YouTube-VIS's videos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sam2_session.formats.importing.clips import note_other_video, only_this_clip, pick_clip
from sam2_session.formats.importing.file_names import path_of
from sam2_session.formats.importing.frame_names import match_names
from sam2_session.formats.importing.json_input import mappings, text, whole
from sam2_session.formats.importing.plan_builder import PlanBuilder

Row = Mapping[str, Any]
NO_IMAGE = "It belongs to no image of the file."
TWO_IMAGES = "Several images of the file have the id of its image."
NO_VIDEO = "It belongs to no video of the file."


@dataclass(frozen=True, slots=True)
class Place:
    """A frame, and the size of the picture that was drawn on."""

    frame_idx: int
    drawn_hw: tuple[int, int]


def id_of(value: object) -> str | None:
    """Return an id as text, of any length, be it a number or a text; None if it is neither."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None if isinstance(value, int | str) else None


class Images:
    """The images or videos of a file, without those of other clips."""

    def __init__(self, data: Row, builder: PlanBuilder) -> None:
        self._builder = builder
        self._images = _by_id(data.get("images"))
        self._doubtful = _ids_of_several(data.get("images"))
        self._videos = _by_id(data.get("videos"))
        self._other_videos: set[str] = set()
        if self._videos:
            self._choose_video()
        self._order = {image_id: at for at, image_id in enumerate(self._images)}
        names = {name for row in self._images.values() if (name := text(row.get("file_name")))}
        kept = names if self._videos or self._all_state_frames() else only_this_clip(names, builder)
        self._left_out = {
            image_id
            for image_id, row in self._images.items()
            if (name := text(row.get("file_name")))
            and name not in kept
            or id_of(row.get("video_id")) in self._other_videos
        }
        for row in self._videos.values():
            kept |= {name for name in file_names(row) if name}
        known = frozenset() if self._all_state_frames() else kept
        self._names = match_names(known, builder)
        if self._all_state_frames():
            builder.tell_frames(builder.choices.frame_offset or 0, None)

    def of_image(self, image_id: object, where: str) -> Place | None:
        """Find the place of an annotation by the id of its image; None, noted, without one."""
        key = id_of(image_id)
        row = self._images.get(key) if key is not None else None
        if row is None or key is None:
            self._builder.skip(NO_IMAGE, where)
            return None
        if key in self._doubtful:
            self._builder.skip(TWO_IMAGES, where)
            return None
        if key in self._left_out:
            return None
        stated = _stated_frame(row)
        if stated is not None:
            frame_idx = self._by_statement(stated, where)
        else:
            name = text(row.get("file_name"))
            frame_idx = self._names.frame_of(name, self._order[key], where)
        return None if frame_idx is None else Place(frame_idx, self._drawn_hw(row))

    def of_video(self, video_id: object, at: int, where: str) -> Place | None:
        """Find the place of the shape `at` of a track; None, noted, without one."""
        key = id_of(video_id)
        if key in self._other_videos:
            return None
        row = self._videos.get(key) if key is not None else None
        if row is None:
            self._builder.skip(NO_VIDEO, where)
            return None
        names = file_names(row)
        name = names[at] if at < len(names) else None
        frame_idx = self._names.frame_of(name, at, where)
        return None if frame_idx is None else Place(frame_idx, self._drawn_hw(row))

    def _choose_video(self) -> None:
        """Keep the video of several that is this one; those of one name are told apart by id."""
        names = Counter(_clip_of(row, video_id) for video_id, row in self._videos.items())
        clips = dict[str, str]()
        for video_id, row in self._videos.items():
            name = _clip_of(row, video_id)
            clips[name if names[name] == 1 else f"{name} ({video_id})"] = video_id
        if len(clips) == 1:
            (row,) = self._videos.values()
            note_other_video(_stated_clip(row), self._builder)
            return
        chosen = pick_clip(clips, self._builder)
        kept = clips[chosen] if chosen is not None else None
        self._other_videos = set(self._videos.keys() - {kept})
        self._videos = {kept: self._videos[kept]} if kept is not None else {}

    def _all_state_frames(self) -> bool:
        """Return whether every image states its frame: these count from 0, whatever the names."""
        rows = self._images.values()
        return (
            bool(rows) and not self._videos and all(_stated_frame(row) is not None for row in rows)
        )

    def _by_statement(self, stated: Any, where: str) -> int | None:
        frame_idx = whole(stated)
        if frame_idx is None:  # guessing from the name would be the wrong frame
            self._builder.skip("Its image's frame number is none.", where)
            return None
        return self._builder.frame(frame_idx + (self._builder.choices.frame_offset or 0), where)

    def _drawn_hw(self, row: Row) -> tuple[int, int]:
        height, width = whole(row.get("height")), whole(row.get("width"))
        size_hw = self._builder.facts.size_hw
        if not height or not width or height < 1 or width < 1:
            return size_hw
        self._builder.tell_size((height, width))
        return height, width


def file_names(row: Row) -> list[str | None]:
    """List the names of a video's frames."""
    names = row.get("file_names")
    return [text(name) for name in names] if isinstance(names, list) else []


def _by_id(rows: Any) -> dict[str, Row]:
    return {key: row for row in mappings(rows) if (key := id_of(row.get("id"))) is not None}


def _ids_of_several(rows: Any) -> set[str]:
    """Return the ids that images of different names have."""
    names: dict[str, set[str | None]] = {}
    for row in mappings(rows):
        if (key := id_of(row.get("id"))) is not None:
            names.setdefault(key, set()).add(text(row.get("file_name")))
    return {key for key, found in names.items() if len(found) > 1}


def _clip_of(row: Row, video_id: str) -> str:
    """Name a video by its own name, or by the folder of its frames, else by its id."""
    return _stated_clip(row) or video_id


def _stated_clip(row: Row) -> str | None:
    first = next((name for name in file_names(row) if name), "")
    return text(row.get("name")) or path_of(first).rpartition("/")[0] or None


def _stated_frame(image: Row) -> Any:
    """Frame that an image's row states, or None."""
    return image.get("frame_idx", image.get("frame_index"))
