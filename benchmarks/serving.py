"""Rows for the whole service: steps, latencies and replies as a client sees them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median, quantiles

from benchmarks.bench import Bench, Row
from benchmarks.figures import Figure, LeftOut, ratio
from benchmarks.live import Reply
from benchmarks.scenes import draw_frames, write_film
from benchmarks.tracking import step_cost
from sam2_session.hosts import protocol
from sam2_session.web.packets import BoundedPacket

SHORT, LONG = 100, 10_000  # frames
SMALL_HW = (180, 320)
TURNS = 9
CLICKS = 24
WHOLE_RUNS = 3  # of which the fastest counts
CLICKS_PER_FRAME = 5  # then the frame is cleared, so that prompts do not pile up
RUNS = 4  # at most, during which to click
THINKING_S = 0.05
MS = 1000.0
RUN_GOALS = {1: 0.95, 4: 0.60}  # by number of pairs


def time_to_first_mask_unextracted(bench: Bench, row: Row) -> Figure | LeftOut:
    """Open a new file and click: time to the first mask of a very long video over a short one."""
    folder = bench.folder / "films"
    scene = draw_frames(folder, SHORT, SMALL_HW)
    films = {count: write_film(scene, folder / f"{count}.mp4", count) for count in (SHORT, LONG)}
    found: dict[int, list[float]] = {SHORT: [], LONG: []}
    for turn in range(-1, TURNS):
        for count in (SHORT, LONG) if turn % 2 else (LONG, SHORT):
            video_id = f"film-{count}-{turn + 1}"
            bench.live.put_video(films[count], video_id)
            began = time.monotonic()
            bench.live.open(video_id)
            reply = bench.live.click(video_id, 0, 0, scene.target(0))
            if turn >= 0:  # the first turn only warms up
                found[count].append(time.monotonic() - began)
            bench.live.wait_saved(video_id, reply)
            bench.live.delete(video_id)
    short_s, long_s = median(found[SHORT]), median(found[LONG])
    note = f"seconds on the wall, {LONG} frames by {SHORT}, through the services"
    shown = f"{long_s:.3f} / {short_s:.3f}"
    return row.figure(ratio(long_s, short_s), 1.1, ours=shown, note=note)


def unchanged_pairs(bench: Bench, row: Row) -> Figure | LeftOut:
    """Run all pairs, change one, run all again: steps spent on the others."""
    live, pairs, video_id = bench.live, bench.plan.pairs, bench.film()
    live.run_ended(live.start_run(video_id, pairs, force=True))
    live.click(video_id, 0, 0, bench.scene.target(1))
    live.steps.clear()
    live.run_ended(live.start_run(video_id, pairs))
    steps = [key.instance_id for step in live.steps for key in step.keys]
    others = sum(instance_id != 1 for instance_id in steps)
    note = f"the changed pair took {len(steps) - others}"
    plain = str((pairs - 1) * bench.plan.frames)
    return row.figure(others, 0, ours=f"{others} steps", plain=f"{plain} steps", note=note)


def pipeline(bench: Bench, row: Row) -> Figure | LeftOut:
    """Run and write all masks: wall time per frame over device time."""
    wall_s, device_s = _whole_run(bench)
    shown = f"{wall_s * MS:.0f} ms / {device_s * MS:.0f} ms"
    note = f"{bench.plan.pairs} masks a frame, {bench.plan.frames} frames of {bench.size_text}"
    return row.figure(ratio(wall_s, device_s), 1.15, ours=shown, note=note)


def run_wall(bench: Bench, row: Row) -> Figure | LeftOut:
    """Run and write all masks: wall time per frame over that of plain, which writes none."""
    if not bench.is_same_precision:
        return row.left_out("the sides differ in precision")
    wall_s = min(_whole_run(bench)[0] for _ in range(WHOLE_RUNS))
    plain = step_cost(bench, bench.plain)
    shown = (f"{seconds * MS:.0f} ms" for seconds in (wall_s, plain.wall_s))
    note = f"a frame on the wall, {bench.plan.pairs} pairs; plain had read all frames before"
    goal = RUN_GOALS.get(bench.plan.pairs)
    value = ratio(wall_s, plain.wall_s)
    return row.figure(value, goal, ours=next(shown), plain=next(shown), note=note)


def click_during_propagation(bench: Bench, row: Row) -> Figure | LeftOut:
    """Latency that a run adds to a click on an encoded frame, in steps of the run (p95)."""
    live, pairs, video_id = bench.live, bench.plan.pairs, bench.film()
    idle = _click_often(bench, video_id, CLICKS)
    busy: list[float] = []
    live.steps.clear()
    for _ in range(RUNS):
        job_id = live.start_run(video_id, pairs, force=True)
        live.until(lambda: live.steps)
        while live.run_ended(job_id, wait=False) is None:
            busy += _click_often(bench, video_id, 1)
        if len(busy) >= CLICKS:
            break
    step_s, more_s = median(step.seconds for step in live.steps), _p95(busy) - _p95(idle)
    note = (
        f"p95 of {len(busy)} clicks {_p95(busy) * MS:.0f} ms, idle {_p95(idle) * MS:.0f} ms, "
        f"a step {step_s * MS:.0f} ms"
    )
    return row.figure(ratio(more_s, step_s), 1.0, ours=f"{more_s * MS:.0f} ms more", note=note)


def mask_reply(bench: Bench, row: Row) -> Figure | LeftOut:
    """Time from the decoder's logits to bytes for the socket, at 1080p."""
    if bench.network.weights == "random":
        return row.left_out("random weights draw no real mask")
    draw_ms = [reply.data["timings"]["png_s"] * MS for reply in bench.replies]
    send_ms = [_send_s(reply) * MS for reply in bench.replies]
    value = float(f"{median(draw_ms) + median(send_ms):.4g}")
    note = f"of it {median(send_ms):.2f} ms to pack the reply for two sockets"
    return row.figure(value, 4, ours=f"{value:.2f} ms", note=note)


def mask_reply_bytes(bench: Bench, row: Row) -> Figure | LeftOut:
    """Time to encode the PNG of the same replies."""
    if bench.network.weights == "random":
        return row.left_out("random weights draw no real mask")
    value = median(len(reply.data["png"]) for reply in bench.replies)
    return row.figure(value, 15_000, ours=f"{value / 1000:.1f} KB")


def _whole_run(bench: Bench) -> tuple[float, float]:
    """Run all pairs over the video; seconds a frame on the wall, and in the device thread."""
    live, pairs, video_id = bench.live, bench.plan.pairs, bench.film()
    live.steps.clear()
    ended = live.run_ended(live.start_run(video_id, pairs, force=True))
    assert ended is not None
    frames = len(live.steps)
    device_s = sum(step.seconds for step in live.steps) / frames
    return (ended - live.steps[0].began) / frames, device_s


def _click_often(bench: Bench, video_id: str, count: int) -> list[float]:
    """Latencies, in seconds, of clicks on a pair that no run tracks."""
    live, pair = bench.live, bench.plan.pairs
    found = []
    for _ in range(count):
        bench.clicks += 1
        x, y = bench.scene.target(pair)
        found.append(live.click(video_id, pair, 0, (x + bench.clicks % 7, y)).seconds)
        if bench.clicks % CLICKS_PER_FRAME == 0:
            live.clear(video_id, pair, 0)
        time.sleep(THINKING_S)
    return found


def _send_s(reply: Reply) -> float:
    """Encode a reply twice: for the web process, and for the browser."""
    began = time.perf_counter()
    frame = protocol.encode({"event": "mask", "data": reply.data})
    header_bytes, buffer_bytes = protocol.LENGTHS.unpack_from(frame)
    body = memoryview(frame)[protocol.LENGTHS.size :]
    data = protocol.decode(bytes(body[:header_bytes]), bytes(body[header_bytes:]))["data"]
    assert len(data["png"]) == buffer_bytes
    BoundedPacket(data=["mask", data], binary=None).encode()
    return time.perf_counter() - began


def _p95(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=20, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
