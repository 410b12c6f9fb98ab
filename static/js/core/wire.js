/** Types of the objects that travel between the page and the server. */

/**
 * @typedef {{video_id: string, instance_id: number, region: string}} Key  one pair of one video
 * @typedef {{x: number, y: number, label: number, pending?: boolean}} Point  source pixels
 * @typedef {{points: Point[], box: number[] | null, mask?: boolean, rev?: number, pending?: boolean}} FramePrompt
 *   mask: one made by hand lies below the points
 * @typedef {{rev: number, source: string, score?: number, area?: number, box?: number[] | null,
 *   run?: number | null, stale?: boolean, approved?: boolean, rejected?: boolean, reason?: string | null,
 *   flags?: string[], absent?: boolean, agreement?: number}} MaskFact  agreement: IoU of the two sides of a fill
 *   absent: a person said that the object is not there; rejected: to be made again, for the reason
 * @typedef {{keypoint_id: number | string, frame_idx: number, x: number, y: number, name: string,
 *   visible: boolean, derived?: boolean, pending?: boolean}} Keypoint
 *   the id is a text until the server gives its own; derived: carried from another frame, not placed by a person
 * @typedef {{instance_id: number, name: string, colour: string, hidden: boolean, hidden_for_all?: boolean, locked: boolean, class_name?: string | null}} Instance
 *   hidden: in this window; hidden_for_all: as the server has it
 * @typedef {{name: string, label: string, hidden?: boolean}} Region  hidden: in this browser
 * @typedef {{video_id: string, name: string, num_frames: number, extracted: number, width: number,
 *   height: number, fps: number, duration_s: number, state: string, error?: any, note?: string | null, counts?: any, demo?: boolean,
 *   version?: string, source?: {video_id: string, first_frame: number, last_frame: number} | null}} Video
 *   note: what is wrong with the file, in words; source: of a segment; version: other frames under this id have another
 * @typedef {{job_id: string, kind: string, state: string, done: number, total: number,
 *   eta_s: number | null, position?: number | null, frame_idx?: number, error?: any, video_id?: string,
 *   client_id?: string, pairs?: any, start?: number, end?: number, direction?: string, from_frame?: number | null, label?: string,
 *   ended?: boolean, paused?: {flag: string, frame_idx: number, pairs: any[]} | null,
 *   approved?: string | null, made?: number | null, kept?: number | null, hidden?: number | null, mode?: string | null, tracked?: number | null, reach?: number | null,
 *   batch_id?: string, items_done?: number, items_total?: number, on_hold?: boolean, note?: string | null,
 *   undo_at?: {instance_id: number, region: string | null, frame_idx: number}}} Job
 *   ended: while this page watched; made, kept: masks that a run wrote, and approved ones it left; tracked: frames of a run so far, reach: those of a full one
 * @typedef {{item: number, video_id: string, name: string, state: string, done: number, total: number, error: any, clients: string[], names: string[],
 *   saved: boolean, rejected: string | null, note: string, num_frames: number, extracted: number, first_number: number,
 *   prompted_frames: number, masks: number, approved_masks: number, can_undo_reset: boolean}} BatchItem  item: its number, from 1; clients: windows that have it open, names: of the people there
 * @typedef {{batch_id: string, name: string, created_at: number, counts: Record<string, number>,
 *   settings: {offset: number, background: string, start_item: number, carry_names: boolean}, job_id: string | null,
 *   on_hold: boolean, cutting: string | null, error: any}} BatchFacts
 * @typedef {BatchFacts & {items: number, video_ids?: string[]}} BatchSummary  items: how many
 * @typedef {{format: string, folder: string, files: number, changed_at: number}} BatchExport  changed_at: in s since 1970
 * @typedef {BatchFacts & {items: BatchItem[]}} Batch
 * @typedef {{name: string, label: string, state: string, demo?: boolean, device?: string, precision?: string, precision_reason?: string | null, threads?: number | null,
 *   bytes?: number, frame_s?: number | null, error?: any}} Model
 * @typedef {{client_id: string, name?: string, frame_idx?: number | null, instance_id?: number | null, region?: string | null}} Person
 *   a window that has the same video open, and the pair selected there
 * @typedef {{client_id: string, person_id: string, name: string}} Client  who did something: a window, and the browser it is of
 */

export {};
