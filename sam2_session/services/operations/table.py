"""Lists every operation; REST, Socket.IO, the command line and the documents use this list."""

from __future__ import annotations

from typing import Any

from sam2_session.core.errors import InvalidRequest
from sam2_session.services.operations import (
    exports,
    imports,
    instances,
    jobs,
    keypoints,
    masks,
    models,
    prompts,
    propagation,
    regions,
    repairs,
    server,
    videos,
)
from sam2_session.services.operations.operation import Operation

OPERATIONS: tuple[Operation[Any], ...] = (
    videos.LIST_VIDEOS,
    videos.UPLOAD_VIDEO,
    videos.GET_VIDEO,
    videos.DELETE_VIDEO,
    videos.RESTORE_VIDEO,
    videos.OPEN_VIDEO,
    videos.CLOSE_VIDEO,
    videos.LOOK_AT,
    videos.READ_FRAME,
    videos.GET_FRAME_TABLE,
    videos.START_UPLOAD,
    videos.ABORT_UPLOAD,
    regions.LIST_REGIONS,
    regions.ADD_REGION,
    regions.UPDATE_REGION,
    regions.DELETE_REGION,
    instances.LIST_INSTANCES,
    instances.CREATE_INSTANCE,
    instances.UPDATE_INSTANCE,
    instances.DELETE_INSTANCE,
    prompts.LIST_PROMPTS,
    prompts.ADD_POINT,
    prompts.ADD_POINTS,
    prompts.MOVE_POINT,
    prompts.REMOVE_POINT,
    prompts.SET_BOX,
    prompts.SET_MASK,
    prompts.REPLACE_PROMPTS,
    prompts.CLEAR_FRAME,
    prompts.COPY_PROMPTS,
    prompts.DELETE_MASK,
    prompts.UNDO,
    prompts.REDO,
    masks.LIST_MASKS,
    masks.READ_MASK,
    masks.APPROVE,
    masks.DROP_MASKS,
    masks.RESTORE_MASKS,
    repairs.MARK_ABSENT,
    repairs.MOVE_MASKS,
    repairs.DELETE_MASKS,
    repairs.COPY_MASK,
    repairs.CLEAN_MASKS,
    repairs.PREVIEW_CLEANING,
    repairs.GET_CLEANING,
    repairs.SET_CLEANING,
    keypoints.LIST_KEYPOINTS,
    keypoints.ADD_KEYPOINT,
    keypoints.MOVE_KEYPOINT,
    keypoints.REMOVE_KEYPOINT,
    keypoints.REPLACE_KEYPOINTS,
    propagation.PROPAGATE,
    jobs.LIST_JOBS,
    jobs.GET_JOB,
    jobs.CANCEL,
    exports.LIST_FORMATS,
    exports.START_EXPORT,
    exports.LIST_EXPORTS,
    exports.READ_EXPORT,
    exports.READ_MANIFEST,
    exports.DELETE_EXPORT,
    imports.LIST_IMPORTS,
    imports.START_IMPORT,
    imports.IMPORT_FILE,
    imports.IMPORT_PATH,
    imports.UNDO_IMPORT,
    models.LIST_MODELS,
    models.SELECT_MODEL,
    server.CLIENT_LEFT,
    server.SERVER_STATUS,
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}
EVENTS = {operation.name: operation for operation in OPERATIONS if operation.event}


def find(name: str) -> Operation[Any]:
    """Look up an operation. Raises InvalidRequest for an unknown name."""
    if name not in BY_NAME:
        raise InvalidRequest(f"There is no operation {name[:80]!r}.")
    return BY_NAME[name]
