"""Opens the workspace: the objects that the services of most subjects stand on."""

from __future__ import annotations

from sam2_session.core.events import EventBus
from sam2_session.inference.slot import EngineSlot
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.masks.track_logs import TrackLogs
from sam2_session.services.projects.annotation_counts import AnnotationCounts
from sam2_session.services.projects.class_book import ClassBook
from sam2_session.services.projects.projects import Projects
from sam2_session.services.projects.region_book import RegionBook
from sam2_session.services.projects.regions import load_classes, load_regions, load_rules
from sam2_session.services.projects.repair_queue import RepairQueue
from sam2_session.services.region_rules.rule_book import RuleBook
from sam2_session.services.trash.trash import Bounds, Trash
from sam2_session.services.videos.service import VideoService
from sam2_session.settings import Settings
from sam2_session.storage.leases import LeaseBook
from sam2_session.storage.workspace import Workspace


class Foundations:
    """The workspace's videos, lists and projects, the bus, and the slot of the engine."""

    def __init__(self, settings: Settings, leases: LeaseBook | None) -> None:
        self.bus = EventBus()
        self.slot = EngineSlot()
        self.jobs = JobRegistry(self.bus)
        folders = (settings.videos_dir, settings.outputs_dir)
        self.workspace = Workspace(*folders, settings.min_free_bytes, leases)
        counts, self.repairs = AnnotationCounts(self.workspace), RepairQueue()
        self.progress = counts.progress
        bounds = Bounds(settings.trash_days, settings.trash_bytes)
        self.trash = Trash(self.workspace, self.bus, bounds)
        self.videos = VideoService(
            self.workspace,
            self.bus,
            counts=counts.of,
            forget_frames=self.slot.forget_video,
            trash=self.trash,
        )
        configured = settings.configs_dir / "regions.yaml"
        regions, classes = load_regions(configured), load_classes(configured)
        rules = load_rules(configured, regions)
        self.region_book = RegionBook(self.workspace, regions, self.bus, self.trash)
        self.rule_book = RuleBook(self.workspace, rules, self.region_book, self.bus)
        self.class_book = ClassBook(self.workspace, classes, self.bus)
        self.projects = Projects(
            self.workspace, self.videos, self.region_book, counts, self.repairs
        )
        self.track_logs = TrackLogs(self.workspace, self.slot)
        self.staleness = Staleness(self.slot)

    def reread(self) -> None:
        """Take in the lists of all videos that another process of a cluster changed."""
        for book in (self.region_book, self.class_book, self.rule_book):
            book.reread()
