"""The composition root of the session process: every object is made once, here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sam2_session.core.errors import FsyncFailed
from sam2_session.core.events import Event, EventBus, EventName
from sam2_session.inference.engine import Engine, EngineSlot
from sam2_session.inference.loading import limit_threads, load_network
from sam2_session.inference.network import AttentionRules
from sam2_session.inference.together import should_batch
from sam2_session.models.checkpoints import CheckpointStore
from sam2_session.models.registry import ModelSpec, Registry
from sam2_session.options import MIB
from sam2_session.runtime import stop_at_once
from sam2_session.services.client_events import ClientEvents
from sam2_session.services.exports.service import ExportService
from sam2_session.services.exports.source import Readers
from sam2_session.services.imports.after_commit import CommitFollower
from sam2_session.services.imports.importer import Importer
from sam2_session.services.imports.service import ImportService
from sam2_session.services.imports.uploads import ImportUploads
from sam2_session.services.jobs.background import background_queue
from sam2_session.services.jobs.registry import JobRegistry
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.masks import MaskService
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.masks.track_logs import TrackLogs
from sam2_session.services.models.service import ModelService
from sam2_session.services.opening import OpeningService
from sam2_session.services.parts import Parts
from sam2_session.services.prediction.predictions import PredictionService
from sam2_session.services.prediction.seeds import make_seed
from sam2_session.services.projects.counting import Counter
from sam2_session.services.projects.instances import InstanceService
from sam2_session.services.projects.project import Project, Projects
from sam2_session.services.projects.region_book import RegionBook
from sam2_session.services.projects.regions import load_regions
from sam2_session.services.prompts.keypoints import KeypointService
from sam2_session.services.prompts.prompts import PromptService
from sam2_session.services.propagation.propagation import PropagationService
from sam2_session.services.propagation.runs import RunService
from sam2_session.services.recovery.mending import Mender
from sam2_session.services.recovery.recovery import Recovery
from sam2_session.services.review.approvals import ApprovalService
from sam2_session.services.review.mask_drops import MaskDrops
from sam2_session.services.verbs import Verbs
from sam2_session.services.videos.service import VideoService
from sam2_session.services.viewers.looking import Looking
from sam2_session.services.viewers.presence import Presence
from sam2_session.settings import Settings
from sam2_session.storage.workspace import Workspace


class SessionServices:
    """All services of one workspace; `handle` is what hosts call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.bus = EventBus()
        self._slot = EngineSlot()
        self._looking = Looking(self._slot, neighbours=settings.prefetch_frames)
        workspace = Workspace(settings.videos_dir, settings.outputs_dir)
        self._videos = VideoService(workspace, self.bus)
        regions = load_regions(settings.configs_dir / "regions.yaml")
        self._region_book = RegionBook(workspace, regions, self.bus)
        self._projects = Projects(workspace, self._videos, self._region_book)
        self._counter = Counter(self._projects)
        self._videos.counts = self._counter
        self._track_logs = TrackLogs(workspace, self._slot)
        self._staleness = Staleness(self._slot)
        frame_masks = FrameMasks(self._track_logs, self.bus)
        self._predictions = PredictionService(self._projects, self._slot, frame_masks, self.bus)
        self._videos.frames_left = self._predictions.forget_video
        propagation = PropagationService(
            self._projects, self._slot, self._predictions, self._staleness
        )
        self._jobs = JobRegistry(self.bus)
        self._runs = RunService(
            self._projects, propagation, self._jobs, self.bus, settings.lost_frames
        )
        self._background = background_queue(self._jobs)
        self._recovery = Recovery(self._projects, frame_masks, self._counter)
        self._mender = Mender(self._recovery, self._predictions)
        self._projects.behind = self._mender.put
        self._models = ModelService(
            Registry.load(settings.configs_dir),
            CheckpointStore(settings.checkpoints_dir),
            self._jobs,
            self._load,
            self._model_exchanged,
        )
        self._predictions.is_loading = self._models.is_loading
        readers = Readers(self._videos, frame_masks, self._track_logs, self._staleness)
        self._exports = ExportService(self._projects, self._background, readers, self._models)
        follower = CommitFollower(self._predictions, self._slot, self.bus)
        importer = Importer(self._projects, frame_masks, self._staleness, follower)
        self._imports = ImportService(self._projects, self._background, importer)
        self._import_uploads = ImportUploads(
            self._projects, self._imports, settings.max_upload_bytes
        )
        self._verbs = self._make_verbs(frame_masks)

    def start(self) -> None:
        """Find the videos, recover what a crash left, begin to load the model."""
        limit_threads(self._settings.torch_threads)
        self._videos.start()
        self._recovery.run(self._recovered)
        self._models.select(self._settings.model)

    def handle(self, verb: str, params: dict[str, Any]) -> Any:
        """Call a verb; raises `SessionError`."""
        try:
            return self._verbs.handle(verb, params)
        except FsyncFailed:
            stop_at_once()
            raise

    def close(self) -> None:
        """Stop after the work in hand; everything acknowledged is on disk."""
        self._runs.close()
        self._background.close()
        self._import_uploads.close()
        self._mender.close()
        self._models.close()
        self._predictions.close()
        self._slot.put(None)
        self._videos.close()
        self._projects.close()

    def _make_verbs(self, frame_masks: FrameMasks) -> Verbs:
        projects, bus = self._projects, self.bus
        parts = Parts(
            videos=self._videos,
            projects=projects,
            regions=self._region_book,
            instances=InstanceService(projects, bus),
            prompts=PromptService(projects, frame_masks, self._predictions, self._staleness, bus),
            frame_masks=frame_masks,
            masks=MaskService(projects, frame_masks, self._staleness),
            mask_drops=MaskDrops(projects, self._predictions, bus),
            approvals=ApprovalService(projects, bus),
            keypoints=KeypointService(projects, bus),
            jobs=self._jobs,
            runs=self._runs,
            exports=self._exports,
            imports=self._imports,
            import_uploads=self._import_uploads,
            models=self._models,
            predictions=self._predictions,
            presence=Presence(bus),
            looking=self._looking,
        )
        opening = OpeningService(parts)
        events = ClientEvents(parts, opening)
        return Verbs(parts, opening, events, self._status, self._settings.max_upload_bytes)

    def _recovered(self, project: Project) -> int:
        """Its jobs are known again; answers how many go on."""
        self._exports.recover(project)
        return self._runs.resume(project)

    def _load(self, spec: ModelSpec, checkpoint: Path) -> Mapping[str, Any]:
        """Put a network into service; sessions are rebuilt as they are asked for."""
        network = load_network(
            spec.own_config or spec.config,
            checkpoint,
            image_size=spec.image_size,
            name=spec.name,
            device=self._settings.device,
            precision=self._settings.precision,
        )
        network.attend_by(
            AttentionRules(
                self._settings.max_conditioning_frames,
                self._settings.clear_memory_around_corrections,
            )
        )
        engine = Engine(
            network,
            seed=partial(make_seed, self._projects, self._track_logs, network),
            frame_path=self._videos.require_frame,
            feature_cache_bytes=self._settings.feature_cache_mb * MIB,
            session_memory_bytes=self._settings.session_memory_mb * MIB,
            on_screen=self._looking.on_screen,
        )
        engine.batch_objects = should_batch(self._settings.batch_objects, network)
        self._slot.put(engine)
        return {"device": str(network.device), "precision": network.precision}

    def _model_exchanged(self) -> None:
        """Answer who waited for a model, and tell who holds what the one before made."""
        for project in self._projects.opened():
            self._predictions.catch_up(project)
            if self._staleness.has_stale(project):
                data = {"video_id": project.video_id}
                self.bus.publish(Event(EventName.RESYNC, data, video_id=project.video_id))
        self._looking.look_again()

    def _status(self) -> dict[str, Any]:
        engine = self._slot.peek()
        return {
            "videos": len(self._videos.list()),
            "open_videos": len(self._projects.opened()),
            "jobs": self._runs.running(),
            "sessions": engine.live_sessions() if engine else 0,
            "waiting": engine.scheduler.waiting() if engine else 0,
            "feature_bytes": engine.features.nbytes if engine else 0,
            "model": self._models.current,
        }


def build_services(settings: Settings) -> SessionServices:
    """What the session process runs."""
    services = SessionServices(settings)
    services.start()
    return services
