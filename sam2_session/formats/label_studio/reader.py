"""Plans the import of Label Studio's JSON: chooses tasks and annotations, then reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sam2_session.core.errors import InvalidRequest
from sam2_session.formats.importing.clips import is_of_this_video, note_other_video
from sam2_session.formats.importing.file_names import base_name
from sam2_session.formats.importing.plan import (
    Candidate,
    ImportChoices,
    ImportPlan,
    Notes,
    Outcome,
    VideoFacts,
    safe_text,
)
from sam2_session.formats.importing.plan_builder import PlanBuilder
from sam2_session.formats.label_studio.image_tasks import match_images, read_image
from sam2_session.formats.label_studio.tasks import Annotation, Task, read_tasks
from sam2_session.formats.label_studio.video_tasks import read_video

NAME = "label_studio"


def read_label_studio(document: Any, facts: VideoFacts, choices: ImportChoices) -> ImportPlan:
    """Plan the import of one video task, or of image tasks made from the video's frames."""
    builder = PlanBuilder(facts, choices)
    tasks = read_tasks(document, builder.notes, take_predictions=choices.take_predictions)
    chosen = _choose_tasks(tasks, builder)
    candidates = tuple(_candidate(task) for task in tasks if task.is_video)
    if chosen is None:
        return ImportPlan(NAME, notes=builder.notes.all(), tasks=candidates, needs="task")
    if chosen and chosen[0].is_video:
        plan = _read_video_task(chosen[0], builder)
    else:
        plan = _read_image_tasks(chosen, builder)
    return replace(plan, tasks=candidates) if candidates else plan


def _choose_tasks(tasks: Sequence[Task], builder: PlanBuilder) -> Sequence[Task] | None:
    """Choose one video task or all image tasks; None if the user must choose."""
    wanted = builder.choices.task
    if wanted is not None:
        found = [task for task in tasks if task.task_id == wanted]
        if not found and not any(task.is_video for task in tasks):
            return tasks  # the choice is one of a clip, by the names of its images
        if not found:
            known = ", ".join(task.task_id for task in tasks[:20])
            raise InvalidRequest(f"The file has no task {wanted!r}.", hint=f"It has {known}.")
        return found[:1]
    videos = [task for task in tasks if task.is_video]
    if not videos:
        return tasks
    if len(videos) == 1:
        note_other_video(base_name(videos[0].video or ""), builder)
        return videos
    matching = [task for task in videos if is_of_this_video(base_name(task.video or ""), builder)]
    return matching if len(matching) == 1 else None


def _candidate(task: Task) -> Candidate:
    name = base_name(task.video or "")
    return Candidate(task.task_id, safe_text(f"{task.task_id}: {name or '(no name)'}"))


def _read_video_task(task: Task, builder: PlanBuilder) -> ImportPlan:
    annotation, annotators = _choose_annotation(task, builder)
    if annotation is None and annotators:
        return ImportPlan(NAME, notes=builder.notes.all(), annotators=annotators, needs="annotator")
    if annotation is not None:
        read_video(task, annotation, builder)
    return replace(builder.build(NAME), annotators=annotators)


def _read_image_tasks(tasks: Sequence[Task], builder: PlanBuilder) -> ImportPlan:
    frames = match_images(tasks, builder)
    everybody: dict[str, Candidate] = {}
    undecided = False
    for task in tasks:
        annotation, annotators = _choose_annotation(task, builder)
        everybody |= {annotator.value: annotator for annotator in annotators}
        undecided = undecided or (annotation is None and bool(annotators))
        if annotation is not None:
            read_image(task, annotation, frames, builder)
    plan = builder.build(NAME)
    if plan.needs:
        return plan
    plan = replace(plan, annotators=tuple(everybody.values()))
    return replace(plan, needs="annotator", items=(), subjects=()) if undecided else plan


def _choose_annotation(
    task: Task, builder: PlanBuilder
) -> tuple[Annotation | None, tuple[Candidate, ...]]:
    """Choose the annotation to read; also list the annotators if there are several."""
    several = [annotation for annotation in task.annotations if annotation.results]
    where = f"task {task.task_id}"
    if not several:
        builder.skip("Nobody has annotated the task.", where)
        return None, ()
    if len(several) == 1:
        return several[0], ()
    candidates = tuple(Candidate(annotation.by, annotation.by) for annotation in several)
    found = _pick(several, builder.choices.annotator, builder.notes, where)
    return found, candidates


def _pick(
    several: Sequence[Annotation], wanted: str | None, notes: Notes, where: str
) -> Annotation | None:
    if wanted is not None:
        theirs = [found for found in several if wanted in (found.by, found.annotation_id)]
        if theirs:
            return max(theirs, key=lambda found: found.updated_at)
        notes.add(Outcome.SKIPPED, f"{safe_text(wanted)} has not annotated the task.", where)
        return None
    truths = [annotation for annotation in several if annotation.ground_truth]
    newest = max(annotation.updated_at for annotation in several)
    latest = [found for found in several if found.updated_at == newest != ""]
    found = next((group for group in (truths, latest) if len(group) == 1), None)
    if found is None:
        return None
    kind = "ground truth" if found is truths else "latest"
    notes.add(Outcome.WARNING, f"Of several annotations the {kind} was taken.", where)
    return found[0]
