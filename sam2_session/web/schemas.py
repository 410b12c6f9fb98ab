"""Shapes of the wire, for the OpenAPI document; the services check values, not these."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
BOOLEAN: Schema = {"type": "boolean"}


def maybe(schema: Schema) -> Schema:
    """That, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def many(schema: Schema) -> Schema:
    """A list of those."""
    return {"type": "array", "items": schema}


def ref(name: str) -> Schema:
    """One of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def fields(required: str = "", /, **properties: Schema) -> Schema:
    """An object; further fields may come at any time."""
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required.split()
    return schema


SPAN: Schema = {"type": "array", "items": INTEGER, "minItems": 2, "maxItems": 2}
BOX: Schema = {"type": "array", "items": NUMBER, "minItems": 4, "maxItems": 4}
POINT = fields("x y label", x=NUMBER, y=NUMBER, label={"type": "integer", "enum": [0, 1]})
PAIR = fields("instance_id region", instance_id=INTEGER, region=TEXT)
INSTANCE = {"name": TEXT, "colour": TEXT, "hidden": BOOLEAN, "locked": BOOLEAN}
MASK = {"rev": INTEGER, "score": maybe(NUMBER), "area": INTEGER, "box": maybe(BOX)}
PROMPT = {"points": many(ref("Point")), "box": maybe(BOX)}
KEYPOINT = {"keypoint_id": INTEGER, "frame_idx": INTEGER, "x": NUMBER, "y": NUMBER}
FLAG: Schema = {"type": "string", "enum": ["lost", "swallow", "scene_cut"]}
MASK_FACT = {"source": TEXT, "stale": BOOLEAN, "approved": BOOLEAN, "flags": many(FLAG)}
VIDEO = {
    "video_id": TEXT,
    "name": TEXT,
    "num_frames": INTEGER,
    "extracted": INTEGER,
    "width": INTEGER,
    "height": INTEGER,
    "fps": NUMBER,
    "duration_s": NUMBER,
    "state": {"type": "string", "enum": ["new", "extracting", "ready", "failed"]},
}
CHOICE = fields("value label", value=TEXT, label=TEXT)
NOTE = fields("outcome why count", outcome=TEXT, why=TEXT, count=INTEGER, examples=many(TEXT))
JOB_STATES = ["queued", "running", "done", "failed", "cancelled"]

SCHEMAS: dict[str, Schema] = {
    "ErrorObject": fields("code message hint", code=TEXT, message=TEXT, hint=TEXT),
    "Error": fields("error", error=ref("ErrorObject")),
    "Login": fields("token", token=TEXT),
    "Session": fields("authenticated", authenticated=BOOLEAN, async_mode=TEXT, version=TEXT),
    "Video": fields("video_id name num_frames extracted state", **VIDEO),
    "Videos": fields("videos", videos=many(ref("Video"))),
    "Trashed": fields("trash_id", trash_id=TEXT),
    "Region": fields("name label", name=TEXT, label=TEXT),
    "Regions": fields("regions", regions=many(ref("Region"))),
    "RegionLabel": fields("label", label=TEXT),
    "RegionChanges": fields(label=TEXT, deleted=BOOLEAN),
    "FrameTable": fields(),
    "NewInstance": fields(**INSTANCE),
    "Changes": fields(**INSTANCE, deleted=BOOLEAN),
    "Instance": fields("instance_id name colour", instance_id=INTEGER, **INSTANCE),
    "Instances": fields("instances", instances=many(ref("Instance"))),
    "Point": POINT,
    "Prompt": fields(**PROMPT, base_rev=maybe(INTEGER)),
    "FramePrompt": fields("frame_idx points box", frame_idx=INTEGER, **PROMPT),
    "Prompts": fields("rev prompts", rev=INTEGER, prompts=many(ref("FramePrompt"))),
    "Mask": fields("rev", **MASK, url=TEXT),
    "Prompted": fields("rev", rev=INTEGER, mask=maybe(ref("Mask"))),
    "MaskFact": fields("frame_idx rev", frame_idx=INTEGER, **MASK, **MASK_FACT),
    "Masks": fields("masks", masks=many(ref("MaskFact"))),
    "Approval": fields("frames approved", frames=many(SPAN), approved=BOOLEAN),
    "Approved": fields("rev frames count", rev=INTEGER, frames=many(SPAN), count=INTEGER),
    "Drop": fields("drop_id", drop_id=TEXT),
    "Dropped": fields("rev drop_id dropped", rev=INTEGER, drop_id=TEXT, dropped=INTEGER),
    "Restored": fields("rev restored", rev=INTEGER, restored=INTEGER),
    "Keypoint": fields("frame_idx x y name", **KEYPOINT, name=TEXT, visible=BOOLEAN),
    "Keypoints": fields("keypoints", rev=INTEGER, keypoints=many(ref("Keypoint"))),
    "Place": fields(
        "instance_id frame_idx",
        instance_id=INTEGER,
        region=maybe(TEXT),
        frame_idx=INTEGER,
        scope=maybe(TEXT),
    ),
    "Change": fields(),
    "Propagation": fields(
        "pairs",
        pairs={"anyOf": [many(PAIR), {"type": "string", "enum": ["all"]}]},
        start=maybe(INTEGER),
        end=maybe(INTEGER),
        direction=maybe({"type": "string", "enum": ["forward", "backward", "both"]}),
        force=BOOLEAN,
        on_guard=maybe({"type": "string", "enum": ["go_on", "pause"]}),
    ),
    "FormatOption": fields("name kind default", name=TEXT, kind=TEXT, default={}, help=TEXT),
    "Format": fields(
        "name label suffix options",
        name=TEXT,
        label=TEXT,
        suffix=TEXT,
        group=TEXT,
        purpose=TEXT,
        holds=many(TEXT),
        options=many(ref("FormatOption")),
    ),
    "Formats": fields(
        "exporters importers", exporters=many(ref("Format")), importers=many(fields("name label"))
    ),
    "ExportOrder": fields("format", format=TEXT, options=maybe(fields())),
    "Export": fields(
        "export_id format url bytes sha256",
        export_id=TEXT,
        format=TEXT,
        label=TEXT,
        url=TEXT,
        manifest_url=TEXT,
        file=TEXT,
        bytes=INTEGER,
        sha256=TEXT,
        created_at=TEXT,
    ),
    "Exports": fields("exports", exports=many(ref("Export"))),
    "JobId": fields("job_id", job_id=TEXT),
    "Job": fields(
        "job_id kind state done total",
        job_id=TEXT,
        kind=TEXT,
        state={"type": "string", "enum": JOB_STATES},
        done=INTEGER,
        total=INTEGER,
        eta_s=maybe(NUMBER),
        position=maybe(INTEGER),
        error=maybe(ref("ErrorObject")),
        paused=maybe(fields("flag frame_idx", flag=FLAG, frame_idx=INTEGER, pairs=many(PAIR))),
    ),
    "Jobs": fields("jobs", jobs=many(ref("Job"))),
    "Import": fields(
        import_id=TEXT,
        job_id=TEXT,
        file_id=TEXT,
        format=TEXT,
        needs=maybe(TEXT),
        tasks=many(CHOICE),
        annotators=many(CHOICE),
        frame_offset=maybe({"type": "integer"}),
        first_file=maybe(TEXT),
        subjects=many(fields()),
        items=many(fields()),
        counts=fields(),
        notes=many(NOTE),
    ),
    "Imports": fields(
        "imports mapping", imports=many(fields("import_id undone")), mapping=fields()
    ),
    "ImportUndone": fields("rev frames kept", rev=INTEGER, frames=INTEGER, kept=INTEGER),
    "Model": fields("name", name=TEXT, state=TEXT, bytes=maybe(INTEGER)),
    "Models": fields("models", models=many(ref("Model"))),
}
