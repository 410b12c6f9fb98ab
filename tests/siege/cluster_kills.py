"""SIGKILL of an actor, a node, a gateway, a web process or nginx of a cluster, under clicks."""

from __future__ import annotations

import random
import signal
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack

from tests.browser.server import LiveServer
from tests.cluster.site import Site, kill_all, running_site
from tests.journeys import disk
from tests.journeys.page import Page
from tests.journeys.test_kills import (
    REGIONS,
    accepted,
    assert_done,
    click_about,
    prepare,
    undisturbed,
)
from tests.journeys.test_kills import run as begin_run
from tests.siege.attack import Attack
from tests.workspace_dirs import WorkspaceDirs

CHECK_EVERY = 5
READY = "web process, ready again"

Times = dict[str, list[float]]
Kill = Callable[[Site, Page], Callable[[], object]]  # returns how to replace what was killed


def attack(run: Attack) -> None:
    """Kill again and again; compare what was acknowledged, and in the end every mask."""
    dirs = WorkspaceDirs.made_in(run.folder / "site")
    with ExitStack() as stack:
        site = stack.enter_context(running_site(dirs, run.folder))
        pages = [Page(site.url, name) for name in REGIONS]
        for page in pages:
            stack.callback(page.close)
        prepare(pages[1])
        times: Times = {}
        stack.callback(note, run, times)
        kill_until_done(run, site, pages, times)
        compare_masks(run, site, pages)


def kill_until_done(run: Attack, site: Site, pages: list[Page], times: Times) -> None:
    """Kill each kind of victim once in a random order, then in another, and so on."""
    victims: list[str] = []
    killed = 0
    while run.done < run.count:
        victims = victims or run.dice.sample(sorted(VICTIMS), len(VICTIMS))
        kill_once(site, pages, run.dice, victims.pop(), times)
        killed += 1
        if killed % CHECK_EVERY == 0 or killed == run.count:
            compare_ops(run, site, pages, killed)
            run.done = killed


def kill_once(
    site: Site, pages: list[Page], dice: random.Random, victim: str, times: Times
) -> None:
    """Click, begin a run, kill; note the seconds until a click is acknowledged again."""
    ada, bob = pages
    click_about(ada, dice)
    begin_run(bob)
    time.sleep(dice.uniform(0, 0.8))
    began_s = time.monotonic()
    replace = VICTIMS[victim](site, ada)
    ada.wait(ada.act("add_point", 5, x=1.0, y=1.0, label=0))
    times.setdefault(victim, []).append(time.monotonic() - began_s)
    replace()
    if victim == "web process":
        times.setdefault(READY, []).append(time.monotonic() - began_s)


def compare_ops(run: Attack, site: Site, pages: list[Page], killed: int) -> None:
    """Each acknowledged command is stored once, in its order, and no other."""
    for page in pages:
        page.settle()
        stored, acked = disk.ops_of(site.folder, page.client_id), accepted(page)
        lost, more = sorted(set(acked) - set(stored)), len(stored) - len(set(acked))
        run.check(not lost, f"{killed} kills: {page.client_id} lost {lost[:5]}")
        run.check(lost or stored == acked, f"{killed} kills: {page.client_id} has {more} more")


def compare_masks(run: Attack, site: Site, pages: list[Page]) -> None:
    """Every mask has the bytes of a single server that nothing happened to."""
    for page in reversed(pages):
        assert_done(page, begin_run(page))
    disk.until_whole(site.folder)
    compare_ops(run, site, pages, run.done)
    run.notes.append(f"{sum(len(page.acks) for page in pages)} acknowledged commands")
    dirs = WorkspaceDirs.made_in(run.folder / "calm")
    (dirs.videos / "clip.mp4").write_bytes((site.servers[0].dirs.videos / "clip.mp4").read_bytes())
    # an actor of one core has one thread: how many there are shows in the last bits
    options = ("--precision", "fp32", "--torch-threads", "1")
    with LiveServer(dirs, run.folder / "calm.log", *options) as calm:
        wanted = undisturbed(calm, disk.points(site.folder))
    masks = disk.mask_files(site.folder)
    other = sorted(name for name in wanted | masks if wanted.get(name) != masks.get(name))
    run.check(not other, f"{len(other)} masks of {len(wanted)} differ: {other[:5]}")


def note(run: Attack, times: Times) -> None:
    """Tell for each kind of victim how long it took until somebody was served again."""
    for victim, took_s in sorted(times.items()):
        middle, most = statistics.median(took_s), max(took_s)
        listed = " ".join(f"{seconds:.1f}" for seconds in took_s)
        run.notes.append(
            f"{victim}: {len(took_s)}, after {middle:.1f} s, {most:.1f} s at most: {listed}"
        )


def kill_actor(site: Site, _: Page) -> Callable[[], object]:
    """Kill the clip's writer; Ray replaces it."""
    kill_all([site.writer()[1]])
    return lambda: None


def kill_node(site: Site, _: Page) -> Callable[[], object]:
    """Kill the node of the clip's writer, with everything on it."""
    site.cluster.kill_node(site.writer()[0])
    return site.cluster.add_node


def kill_gateway(site: Site, page: Page) -> Callable[[], object]:
    """Kill the gateway of the page's web process, which replaces it."""
    kill_all(site.server_of(page).session_pids)
    return lambda: None


def kill_web_process(site: Site, page: Page) -> Callable[[], object]:
    """Kill the page's web process; its gateway ends with it."""
    server = site.server_of(page)
    server.kill()
    return server.start


def kill_nginx(site: Site, _: Page) -> Callable[[], object]:
    """Kill nginx, and start it as a supervisor does."""
    site.nginx.stop(signal.SIGKILL)
    site.nginx.start()
    return lambda: None


VICTIMS: dict[str, Kill] = {
    "actor": kill_actor,
    "gateway": kill_gateway,
    "nginx": kill_nginx,
    "node": kill_node,
    "web process": kill_web_process,
}
