/** Types of the objects that travel between the page and the server. */

/**
 * @typedef {{video_id: string, instance_id: number, region: string}} Key  one pair of one video
 * @typedef {{x: number, y: number, label: number, pending?: boolean}} Point  source pixels
 * @typedef {{points: Point[], box: number[] | null, mask?: boolean, rev?: number, pending?: boolean}} FramePrompt
 *   mask: one made by hand lies below the points
 * @typedef {{rev: number, source: string, score?: number, area?: number, box?: number[] | null,
 *   run?: number | null, stale?: boolean, approved?: boolean, flags?: string[]}} MaskFact
 * @typedef {{keypoint_id: number | string, frame_idx: number, x: number, y: number, name: string,
 *   visible: boolean, pending?: boolean}} Keypoint  the id is a text until the server gives its own
 * @typedef {{instance_id: number, name: string, colour: string, hidden: boolean, hidden_for_all?: boolean, locked: boolean, class_name?: string | null}} Instance
 *   hidden: in this window; hidden_for_all: as the server has it
 * @typedef {{name: string, label: string, hidden?: boolean}} Region  hidden: in this browser
 * @typedef {{video_id: string, name: string, num_frames: number, extracted: number, width: number,
 *   height: number, fps: number, duration_s: number, state: string, error?: any, counts?: any, demo?: boolean}} Video
 * @typedef {{job_id: string, kind: string, state: string, done: number, total: number,
 *   eta_s: number | null, position?: number | null, frame_idx?: number, error?: any, video_id?: string,
 *   client_id?: string, pairs?: any, start?: number, end?: number, direction?: string, label?: string,
 *   ended?: boolean, paused?: {flag: string, frame_idx: number, pairs: any[]} | null,
 *   approved?: string | null, made?: number | null, kept?: number | null}} Job
 *   ended: while this page watched; made, kept: masks that a run wrote, and approved ones it left
 * @typedef {{name: string, label: string, state: string, demo?: boolean, device?: string, precision?: string,
 *   bytes?: number, frame_s?: number | null, error?: any}} Model
 * @typedef {{client_id: string, frame_idx?: number | null}} Person  somebody who has the same video open
 */

export {};
