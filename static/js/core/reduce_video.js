/** Facts about the server, the videos, the open video's instances and jobs. */

import { sharePair } from "./flags.js";
import { isActive } from "./jobs.js";
import { historyName, pairName, pairOfKey } from "./pairs.js";
import { EXCHANGE_CLOSED } from "./reduce_exchange.js";
import { staleRuns } from "./reduce_marks.js";
import { TIMELINE_CLOSED } from "./reduce_timeline.js";
import { instancesShown, regionsShown } from "./reduce_shown.js";

/** While nobody works, a job waits, at no speed; the next list of jobs tells how it went on. */
function hostChanged(state, { type, ...changes }) {
  const host = { ...state.host, ...changes };
  const held = ([job_id, job]) => [job_id, isActive(job) ? { ...job, state: "queued", position: null, eta_s: null } : job];
  const jobs = host.state === "ready" ? state.jobs : Object.fromEntries(Object.entries(state.jobs).map(held));
  return { ...state, host, jobs, queue: {} };
}

const CLOSED = {
  video: null,
  opening: null,
  pts: null,
  instances: [],
  instance_id: null,
  region: null,
  solo: null,
  keypoint_id: null,
  naming: null,
  drawn_idx: null,
  playing: false,
  ...TIMELINE_CLOSED,
  ...EXCHANGE_CLOSED,
  prompts: {},
  masks: {},
  stale_runs: {},
  keypoints: {},
  history: {},
  queue: {},
  jobs: {},
  presence: [],
};

const byFrame = (list) =>
  Object.fromEntries(list.map(({ frame_idx, ...fact }) => [frame_idx, fact]));

const byPair = (lists, field) =>
  Object.fromEntries(
    (lists ?? []).map((one) => [pairName(one.instance_id, one.region), byFrame(one[field])]),
  );

const staleByPair = (lists) =>
  Object.fromEntries((lists ?? []).map((one) => [pairOfKey(one), staleRuns(one.masks)]));

const byId = (list, id) => Object.fromEntries((list ?? []).map((one) => [one[id], one]));

/** Which of them ended while the page watched is known here alone. */
const jobsAgain = (known, jobs) =>
  byId((jobs ?? []).map((job) => (known[job.job_id]?.ended ? { ...job, ended: true } : job)), "job_id");

/** The instance and region still there after a change of the list, else the first ones. */
function selection(state, instances, regions) {
  const kept = instances.find((one) => one.instance_id === state.instance_id) ?? instances[0];
  const region = regions.find((one) => one.name === state.region) ?? regions[0];
  return { instance_id: kept?.instance_id ?? null, region: region?.name ?? null };
}

const historyOf = (list) =>
  Object.fromEntries(
    (list ?? []).map((one) => [
      historyName(one.instance_id, one.region, one.frame_idx),
      { undo: one.undo, redo: one.redo },
    ]),
  );

/** Ops the server had stored before it answered are in what it answered. */
const opsAfter = (ops, last_seq) =>
  ops
    .filter((op) => !op.acked)
    .map((op) => (op.seq <= (last_seq ?? 0) ? { ...op, seen: true } : op));

/** Asking again for the video that is open or being opened keeps the place in it. */
function videoChosen(state, { video_id, frame_idx = 0, instance_id = null, region = null }) {
  if (video_id === (state.opening ?? state.video?.video_id)) return { ...state, opening: video_id };
  return { ...state, ...CLOSED, opening: video_id, frame_idx, instance_id, region };
}

function opened(state, { ack }) {
  const { video, regions, instances } = ack;
  const again = state.video?.video_id === video.video_id;
  return {
    ...state,
    ...(again ? {} : CLOSED),
    ...selection(state, instances, regions),
    opening: null,
    video,
    regions: regionsShown(regions, state.view.hidden_regions),
    ...instancesShown(again ? state : CLOSED, instances),
    frame_idx: Math.min(state.frame_idx, Math.max(0, video.num_frames - 1)),
    prompts: byPair(ack.prompts, "prompts"),
    masks: byPair(ack.masks, "masks"),
    stale_runs: staleByPair(ack.masks),
    keypoints: Object.fromEntries((ack.keypoints ?? []).map((k) => [k.instance_id, k.keypoints])),
    history: historyOf(ack.history),
    jobs: jobsAgain(again ? state.jobs : {}, ack.jobs),
    model: ack.model ?? state.model,
    ops: opsAfter(state.ops, ack.last_seq),
  };
}

function videoProgress(state, { type, ...video }) {
  const listed = state.videos ?? [];
  const known = listed.some((one) => one.video_id === video.video_id);
  const videos = known
    ? listed.map((one) => (one.video_id === video.video_id ? { ...one, ...video } : one))
    : [...listed, video];
  const open = state.video?.video_id === video.video_id;
  return { ...state, videos, video: open ? { ...state.video, ...video } : state.video };
}

function instancesChanged(state, { video_id, instances }) {
  if (video_id !== state.video?.video_id) return state;
  return { ...state, ...instancesShown(state, instances), ...selection(state, instances, state.regions) };
}

/** @param {any} state @param {any} action */
function jobChanged(state, { type, ...job }) {
  if (job.video_id && job.video_id !== state.video?.video_id) return state;
  const known = state.jobs[job.job_id];
  const jobs = known || job.kind !== "propagate" ? state.jobs : withoutPaused(state.jobs, job);
  return { ...state, jobs: { ...jobs, [job.job_id]: { ...known, ...job } } };
}

/** A new run goes on where one of its pairs paused, or takes its place. */
const withoutPaused = (jobs, { pairs }) =>
  Object.fromEntries(
    Object.entries(jobs).filter(([, one]) => !one.paused || !sharePair(one.pairs, pairs)),
  );

export const VIDEO_CASES = {
  session_checked: (state, { authenticated, error = null }) => ({
    ...state,
    auth: authenticated ? "ok" : "needed",
    auth_error: error,
  }),
  // who waited for the model is told anew, or hears of the saved mask
  connection_changed: (state, { connection }) => ({ ...state, connection, queue: {} }),
  host_state: hostChanged,
  models_listed: (state, { models }) => ({ ...state, models }),
  model_changed: (state, { model }) => ({ ...state, model: { ...state.model, ...model } }),
  presence: (state, { video_id, clients }) =>
    video_id === state.video?.video_id ? { ...state, presence: clients } : state,
  videos_listed: (state, { videos }) => ({ ...state, videos }),
  video_progress: videoProgress,
  regions_changed: (state, { regions }) =>
    state.video === null
      ? state
      : { ...state, ...selection(state, state.instances, regions), regions: regionsShown(regions, state.view.hidden_regions) },
  video_deleted: (state, { video_id }) => ({
    ...state,
    ...((state.opening ?? state.video?.video_id) === video_id ? { ...CLOSED, frame_idx: 0 } : {}),
    videos: state.videos?.filter((one) => one.video_id !== video_id) ?? null,
  }),
  search_changed: (state, { search }) => ({ ...state, search }),
  video_chosen: videoChosen,
  video_opened: opened,
  video_closed: (state) => ({ ...state, ...CLOSED, frame_idx: 0 }),
  resync: (state, { video_id }) =>
    video_id === state.video?.video_id ? { ...state, opening: video_id } : state,
  frame_table_loaded: (state, { video_id, pts }) =>
    video_id === state.video?.video_id ? { ...state, pts } : state,
  instances_changed: instancesChanged,
  job_progress: jobChanged,
  job_ended: (state, job) => jobChanged(state, { ...job, ended: true }),
  job_dismissed: (state, { job_id }) => {
    const { [job_id]: gone, ...jobs } = state.jobs;
    return gone ? { ...state, jobs } : state;
  },
};
