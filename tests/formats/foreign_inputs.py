"""Files of each kind that is read, shaped as by other programs: 64 x 48 pixels, four frames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.formats.archives import make_zip, picture

SIZE = {"width": 64, "height": 48}
RING = [5, 5, 30, 5, 30, 20, 5, 20]
POINTS = [[5, 5], [30, 5], [30, 20], [5, 20]]
LABELMAP = b"# label:color_rgb:parts:actions\nbackground:0,0,0::\nshaft:250,50,83::\n"
Files = dict[str, bytes]


def foreign_inputs(folder: Path) -> list[Path]:
    """Write one file of each kind; return their paths."""
    paths = []
    for name, document in DOCUMENTS.items():
        path = folder / f"{name}.json"
        path.write_bytes(json.dumps(document).encode())
        paths.append(path)
    (folder / "cvat.xml").write_bytes(CVAT)
    zips = [make_zip(folder / f"{name}.zip", files) for name, files in ZIPS.items()]
    return [*paths, folder / "cvat.xml", *zips]


def _grey(*values: int, dtype: Any = np.uint8) -> npt.NDArray[Any]:
    image = np.zeros((48, 64), dtype)
    for at, value in enumerate(values):
        image[5:20, 5 + 12 * at : 15 + 12 * at] = value
    return image


def _colours(*colours: tuple[int, int, int]) -> bytes:
    image = np.zeros((48, 64, 3), np.uint8)
    for at, (red, green, blue) in enumerate(colours):
        image[5:20, 5 + 12 * at : 15 + 12 * at] = (blue, green, red)
    return picture(".png", image)


def _frames(pattern: str, data: bytes) -> Files:
    return {pattern.format(at): data for at in range(4)}


def _task(at: int, *results: dict[str, Any], **data: Any) -> dict[str, Any]:
    return {"id": at, "data": data, "annotations": [{"id": 10 * at, "result": list(results)}]}


def _shape(kind: str, **value: Any) -> dict[str, Any]:
    value = {**value, f"{kind}labels": ["shaft"]}
    size = {"original_width": 64, "original_height": 48}
    return {"id": "r1", "type": f"{kind}labels", **size, "value": value}


def _stored(at: int) -> bytes:
    row = {"id": at, "data": {"image": f"{at:05d}.jpg"}}
    return json.dumps({"id": at, "result": [RECTANGLE], "task": row}).encode()


def _labelme(at: int) -> bytes:
    shapes = [
        {"label": "shaft", "shape_type": "polygon", "points": POINTS, "group_id": 1, "flags": {}},
        {"label": "wrist", "shape_type": "rectangle", "points": POINTS[::2], "group_id": None},
        {"label": "tip", "shape_type": "point", "points": [[9, 9]], "group_id": 2},
        {"label": "ring", "shape_type": "circle", "points": POINTS[:2]},
    ]
    head = {"version": "5.4", "flags": {}, "imagePath": f"f_{at:05d}.jpg", "imageData": None}
    return json.dumps({**head, "imageHeight": 48, "imageWidth": 64, "shapes": shapes}).encode()


RECTANGLE = _shape("rectangle", x=10, y=10, width=30, height=30)
POLYGON = _shape("polygon", points=[[10, 10], [50, 10], [50, 50]])
KEYFRAME = {"x": 10, "y": 10, "width": 30, "height": 30, "rotation": 0, "enabled": True}
TRACK = {
    "id": "r1",
    "type": "videorectangle",
    "value": {
        "framesCount": 4,
        "duration": 0.16,
        "labels": ["shaft"],
        "sequence": [{**KEYFRAME, "frame": at, "time": at / 25} for at in (1, 2, 4)],
    },
}
IMAGES = [{"id": at, "file_name": f"f_{at:05d}_jpg.rf.0a1b{at}.jpg", **SIZE} for at in range(4)]
DOCUMENTS: dict[str, Any] = {
    "label_studio_images": [
        _task(at, RECTANGLE, POLYGON, image=f"/data/local-files/?d=clip/f_{at:05d}.jpg")
        for at in range(4)
    ],
    "label_studio_video": [_task(1, TRACK, video="/data/upload/clip.mp4")],
    "label_studio_completions": [
        {"id": 1, "data": {"image": "f_00002.jpg"}, "completions": [{"id": 1, "result": [POLYGON]}]}
    ],
    "coco": {
        "images": IMAGES,
        "categories": [{"id": "c", "name": "shaft", "keypoints": ["tip"]}],
        "annotations": [
            {"id": at, "image_id": at % 4, "category_id": "c", **shape}
            for at, shape in enumerate(
                [
                    {"segmentation": [RING]},
                    {"bbox": [5, 5, 20, 20]},
                    {"keypoints": [9, 9, 2]},
                    {"segmentation": {"size": [48, 64], "counts": [100, 200, 2772]}},
                ]
            )
        ],
    },
    "youtube_vis": {
        "videos": [
            {"id": name, "file_names": [f"{name}/{at:05d}.jpg" for at in range(4)], **SIZE}
            for name in ("clip", "other")
        ],
        "categories": [{"id": 1, "name": "shaft"}],
        "annotations": [
            {"id": at, "video_id": name, "category_id": 1, "segmentations": [[RING], None, [RING]]}
            for at, name in enumerate(("clip", "other"))
        ],
    },
    "label_studio_min": [
        {"id": at, "image": f"f_{at:05d}.jpg", "label": [POLYGON["value"]], "annotator": 1}
        for at in range(4)
    ],
    "labelme_one": json.loads(_labelme(2)),
    "points": {"prompts": [{"frame_index": at, "x": 9, "y": 9, "label": 1} for at in range(4)]},
    "via": {"_via_settings": {}, "_via_img_metadata": {"f_00001.jpg": {"regions": []}}},
}
CVAT = (
    "<annotations><version>1.1</version><meta><source>clip.mp4</source></meta>"
    + "".join(
        f'<track id="{track}" label="shaft">'
        + "".join(
            f'<box frame="{at}" outside="0" keyframe="1" xtl="5" ytl="5" xbr="30" ybr="20"/>'
            for at in range(4)
        )
        + "</track>"
        for track in range(2)
    )
    + '<track id="2" label="wrist"><polygon frame="1" outside="0" keyframe="1"'
    ' points="5,5;30,5;30,20"/></track></annotations>'
).encode()
SOFT = picture(".png", _grey(255))
ZIPS: dict[str, Files] = {
    "masks": _frames("tool/f_{:05d}_mask.png", SOFT),
    "frames_and_objects": {f"masks/{at:04d}/{own}.png": SOFT for at in range(4) for own in (0, 1)},
    "grey_ids": _frames("ids/{:05d}.png", picture(".png", _grey(1, 2, 255))),
    "voc": {
        **_frames("SegmentationClass/{:05d}.png", _colours((250, 50, 83), (224, 224, 192))),
        **_frames("SegmentationObject/{:05d}.png", _colours((128, 0, 0), (0, 128, 0))),
        "labelmap.txt": LABELMAP,
    },
    "mots": {
        **_frames("instances/0002/{:06d}.png",
                  picture(".png", _grey(2001, 2002, 10_000, dtype=np.uint16))),
        "instances/labels.txt": b"car\npedestrian\n",
    },
    "davis": {
        f"Annotations/480p/{clip}/{at:05d}.png": picture(".png", _grey(1, 2))
        for clip in ("clip", "other")
        for at in range(4)
    },
    "endovis": {
        f"{kind}Segmentation/frame{at:03d}.png": picture(".png", _grey(*values))
        for kind, values in (("Parts", (85, 170, 255)), ("Type", (32, 32, 32)))
        for at in range(4)
    },
    "yolo": {
        "data.yaml": b"names: [shaft, wrist]\n",
        **_frames("labels/f_{:05d}.txt", b"0 .1 .1 .5 .1 .5 .5 .93\n1 .5 .5 .2 .2 .8 4\n"),
    },
    "yolo_pose": {
        "data.yaml": b"names: [shaft]\nkpt_shape: [2, 3]\nkpt_names: {0: [tip, root]}\n",
        **_frames("labels/f_{:05d}.txt", b"0 .5 .5 .25 .2 .5 .5 2 .75 .5 0\n"),
    },
    "yolo_cvat": {
        "obj.names": b"wrist\nshaft\n",
        **_frames("obj_train_data/frame_{:06d}.txt", b"1 .5 .5 .2 .2\n"),
    },
    "labelme": {f"{at}.json": _labelme(at) for at in range(4)},
    "label_studio_storage": {f"{at}": _stored(at) for at in range(4)},
    "cvat_jobs": {f"job_{at}/annotations.xml": CVAT for at in range(2)},
}  # fmt: skip
