/** What the page knows: plain JSON, rebuilt from the server except `view`. */

import { NO_WISHES } from "./exports.js";
import { EXCHANGE_CLOSED } from "./reduce_exchange.js";

/**
 * @typedef {{x: number, y: number, label: number, pending?: boolean}} Point  source pixels
 * @typedef {{points: Point[], box: number[] | null, mask?: boolean, rev?: number, pending?: boolean}} FramePrompt
 *   mask: one made by hand lies below the points
 * @typedef {{rev: number, source: string, score?: number, area?: number, box?: number[] | null,
 *   run?: number | null, stale?: boolean, approved?: boolean, flags?: string[]}} MaskFact
 * @typedef {{keypoint_id: number | string, frame_idx: number, x: number, y: number, name: string,
 *   visible: boolean, pending?: boolean}} Keypoint
 * @typedef {{instance_id: number, name: string, colour: string, hidden: boolean, hidden_for_all?: boolean, locked: boolean}} Instance
 *   hidden: here; hidden_for_all: as the server has it
 * @typedef {{video_id: string, name: string, num_frames: number, extracted: number, width: number,
 *   height: number, fps: number, duration_s: number, state: string, error?: any, counts?: any}} Video
 * @typedef {{job_id: string, kind: string, state: string, done: number, total: number,
 *   eta_s: number | null, position?: number | null, frame_idx?: number, error?: any, video_id?: string, pairs?: any, start?: number, end?: number,
 *   direction?: string, paused?: {flag: string, frame_idx: number, pairs: any[]} | null}} Job
 * @typedef {{seq: number, event: string, data: any, acked: boolean, seen: boolean}} Op
 *   an op the server has not both acknowledged and announced yet
 * @typedef {{id: number, name: string, size: number, sent: number, state: string, error: any}} Upload
 * @typedef {{id: number, level: string, message: string, hint?: string, action?: string, args?: any[], about?: string}} Toast
 *   about: a newer one about the same takes its place
 */

/**
 * Pairs are named "instance_id/region"; history keys add "/frame_idx" (keypoints: no region).
 * @typedef {typeof INITIAL_STATE} State
 */
export const INITIAL_STATE = {
  client_id: "",
  auth: "unknown", // unknown, needed, ok
  auth_error: null,
  /** @type {null | {message: string, hint: string}} */ server_error: null, // of the server the page was pointed at
  connection: "connecting", // connecting, online, offline
  host: { state: "ready", detail: "", restarts: 0 },
  model: null,
  /** @type {any[]} */ models: [], // as listed last
  presence: [],
  /** @type {Video[] | null} */ videos: null,
  search: "",
  /** @type {string | null} */ opening: null,
  /** @type {Video | null} */ video: null,
  /** @type {number[] | null} */ pts: null,
  regions: [],
  /** @type {Instance[]} */ instances: [],
  /** @type {number | null} */ instance_id: null,
  /** @type {string | null} */ region: null,
  /** @type {number | string | null} */ keypoint_id: null,
  frame_idx: 0, // asked for
  /** @type {number | null} */ drawn_idx: null, // on screen: what clicks, masks and dots belong to
  heading: 1, // the way the frames went last: what to load ahead
  playing: false,
  /** @type {import("./pacing.js").Pace} */ pace: { stride: 1, skipped: 0, waiting: false, bare: false }, // of playback
  /** @type {import("./timespan.js").Span | null} */ span: null, // what the timeline shows; null: the whole video
  /** @type {import("./range.js").Range} */ range: { start: null, end: null }, // the in and out marks
  scrubbing: false,
  /** @type {Record<string, Record<number, FramePrompt>>} */ prompts: {},
  /** @type {Record<string, Record<number, MaskFact>>} */ masks: {},
  /** @type {Record<string, number[]>} */ stale_runs: {}, // of each pair: runs its prompts have left behind
  /** @type {Record<number, Keypoint[]>} */ keypoints: {},
  /** @type {Record<string, {undo: number, redo: number}>} */ history: {},
  /** @type {Op[]} */ ops: [],
  /** @type {Record<number, number>} */ queue: {}, // own ops the model has not come to: seq → position
  /** @type {Record<string, Job>} */ jobs: {},
  /** @type {Upload[]} */ uploads: [],
  /** @type {Toast[]} */ toasts: [],
  /** @type {null | {ms: number, parts: {name: string, ms: number}[]}} */ latency: null,
  /** @type {string | null} */ dialog: null, // help, server, export, import
  /** @type {string[]} */ hovered: [], // pairs whose masks lie under the pointer, the most specific first
  all_jobs: false, // older runs are shown, too
  /** @type {number | null} */ solo: null, // the only instance this window shows
  /** @type {null | {video_id: string, instance_id: number, region: string, frame_idx: number}} */ clipboard: null,
  /** @type {null | {exporters: import("./exports.js").Format[], importers: any[]}} */ formats: null,
  /** @type {any} */ exporting: EXCHANGE_CLOSED.exporting, // pairs, chosen, frames; error: {field, message, hint}; busy
  /** @type {any[] | null} */ exports: null, // whole ones of the open video
  /** @type {any} */ importing: null, // the file looked at: {name, size, state, sent, asked, report, error, choices}
  /** @type {null | {imports: any[], mapping: any}} */ imports: null, // what came into the open video
  /** @type {null | {message: string, hint?: string}} */ imports_error: null, // of reading that list, or of taking one back
  naming: null, // the keypoint whose name is being typed: {keypoint_id, instance_id}
  view: {
    tool: "click", // click, box, brush, eraser, polygon, keypoint
    brush_px: 24, // how wide the brush and the eraser are, in source px
    mask_style: "both", // what is drawn of a mask: both, outline, fill
    label: 1, // what the left button adds
    alpha: 45, // percent
    masks_hidden: false,
    /** @type {Record<string, string[]>} */ keys: {}, // of keymap rows that have others than the table says
    wishes: NO_WISHES, // what exports are like
    /** @type {string[]} */ hidden_regions: [], // not drawn in this browser
    theme: "dark", // dark, light, system
    rate: 1, // of playback: a share of the video's own rate
    loop: false, // playback goes round, in the marked range if there is one
    filmstrip: true, // thumbnails above the lanes
    /** @type {number | null} */ timeline_px: null, // its height; null: by the window's
    direction: "forward",
    scope: "current", // which pairs a propagation runs: current, all
    on_guard: "go_on", // what a propagation does where something looks wrong: go_on, pause
    zoom: 1, // CSS px per source px
  },
};
