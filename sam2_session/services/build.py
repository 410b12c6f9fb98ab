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
from sam2_session.services.exports.service import ExportService
from sam2_session.services.exports.source import Readers
from sam2_session.services.imports.service import ImportParts, ImportService
from sam2_session.services.imports.verbs import ImportVerbs
from sam2_session.services.jobs.side_jobs import SideJobs
from sam2_session.services.masks.frame_masks import FrameMasks
from sam2_session.services.masks.masks import MaskService
from sam2_session.services.masks.staleness import Staleness
from sam2_session.services.masks.track_logs import TrackLogs
from sam2_session.services.models import ModelService
from sam2_session.services.operations.dispatch import Dispatcher
from sam2_session.services.operations.services import Services
from sam2_session.services.prediction.predictions import PredictionService
from sam2_session.services.prediction.seeds import make_seed
from sam2_session.services.projects.counting import Counter
from sam2_session.services.projects.instances import InstanceService
from sam2_session.services.projects.project import Project, Projects
from sam2_session.services.projects.region_book import RegionBook
from sam2_session.services.projects.regions import load_regions
from sam2_session.services.prompts.keypoints import KeypointService
from sam2_session.services.prompts.prompts import PromptService
from sam2_session.services.propagation.jobs import JobService
from sam2_session.services.propagation.propagation import PropagationService
from sam2_session.services.recovery.mending import Mender
from sam2_session.services.recovery.recovery import Recovery
from sam2_session.services.review.approvals import ApprovalService
from sam2_session.services.review.mask_drops import MaskDrops
from sam2_session.services.videos.service import VideoService
from sam2_session.services.viewers.looking import Looking
from sam2_session.services.viewers.presence import Presence
from sam2_session.services.viewers.snapshot import VideoSnapshot
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
        self._jobs = JobService(self._projects, propagation, self.bus, settings.lost_frames)
        self._side_jobs = SideJobs(self.bus)
        self._recovery = Recovery(self._projects, frame_masks, self._counter)
        self._mender = Mender(self._recovery, self._predictions)
        self._projects.behind = self._mender.put
        self._models = ModelService(
            Registry.load(settings.configs_dir),
            CheckpointStore(settings.checkpoints_dir),
            self.bus,
            self._load,
        )
        self._models.exchanged = self._model_exchanged
        self._predictions.is_loading = self._models.is_loading
        readers = Readers(self._videos, frame_masks, self._track_logs, self._staleness)
        self._exports = ExportService(
            self._projects, self._side_jobs, readers, lambda: self._models.current
        )
        self._imports = ImportService(
            ImportParts(
                self._projects,
                frame_masks,
                self._predictions,
                self._staleness,
                self._side_jobs,
                self.bus,
                has_model=propagation.can_run,
            )
        )
        self._import_files = ImportVerbs(
            self._projects, self._imports, settings.max_upload_bytes
        )
        self._dispatcher = Dispatcher(self._services(frame_masks))

    def start(self) -> None:
        """Find the videos, recover what a crash left, begin to load the model."""
        limit_threads(self._settings.torch_threads)
        self._videos.start()
        self._recovery.run(self._recovered)
        self._models.select(self._settings.model)

    def handle(self, verb: str, params: dict[str, Any]) -> Any:
        """Answer a call by the name of an operation. Raises `SessionError`."""
        try:
            return self._dispatcher.handle(verb, params)
        except FsyncFailed:
            stop_at_once()
            raise

    def close(self) -> None:
        """Stop after the work in hand; everything acknowledged is on disk."""
        self._jobs.close()
        self._side_jobs.close()
        self._import_files.close()
        self._mender.close()
        self._models.close()
        self._predictions.close()
        self._slot.put(None)
        self._videos.close()
        self._projects.close()

    def _services(self, frame_masks: FrameMasks) -> Services:
        projects, bus = self._projects, self.bus
        prompts = PromptService(projects, frame_masks, self._predictions, self._staleness, bus)
        masks = MaskService(projects, frame_masks, self._staleness)
        return Services(
            videos=self._videos,
            projects=projects,
            regions=self._region_book,
            instances=InstanceService(projects, bus),
            prompts=prompts,
            masks=masks,
            mask_drops=MaskDrops(projects, self._predictions, bus),
            approvals=ApprovalService(projects, bus),
            keypoints=KeypointService(projects, bus),
            runs=_Runs(self._jobs),
            jobs=_Jobs(self._jobs, self._side_jobs, self._models),
            exports=_Exports(self._exports),
            imports=self._imports,
            import_files=self._import_files,
            models=self._models,
            predictions=self._predictions,
            snapshot=VideoSnapshot(projects, prompts, masks),
            presence=Presence(bus),
            looking=self._looking,
            status=self._status,
            max_upload_bytes=self._settings.max_upload_bytes,
        )

    def _recovered(self, project: Project) -> int:
        """Its jobs are known again; answers how many go on."""
        self._exports.recover(project)
        return self._jobs.resume(project)

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
            "jobs": self._jobs.running(),
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


class _Runs:
    def __init__(self, jobs): self._j = jobs
    def __getattr__(self, n): return getattr(self._j, n)
    def propagate(self, video_id, r, command=None):
        d = dict(pairs="all" if r.pairs is None else [{"instance_id": a, "region": b} for a, b in r.pairs], start=r.start, end=r.end, direction=r.direction.value, force=r.force, on_guard=r.on_guard.value)
        return self._j.propagate(video_id, d, command)


class _Exports:
    def __init__(self, e): self._e = e
    def __getattr__(self, n): return getattr(self._e, n)
    def start(self, v, f, o): return self._e.start(v, {"format": f, "options": o})


class _Jobs:
    def __init__(self, runs, side, models): self.r, self.s, self.m = runs, side, models
    def list(self, v=None): return {"jobs": self.r.list(v)["jobs"] + self.s.list(v)}
    def get(self, i):
        j = self.s.find(i)
        return j.to_wire() if j else self.r.get(i)
    def cancel(self, i): return self.m.cancel_job(i) or self.s.cancel(i) or self.r.cancel(i)
    def cancel_video(self, v): self.r.cancel_video(v); self.s.cancel_video(v)
