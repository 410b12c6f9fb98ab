/** Types of the objects that travel between the page and the server. */

/**
 * @typedef {{video_id: string, instance_id: number, region: string}} Key  one pair of one video
 * @typedef {{x: number, y: number, label: number, pending?: boolean}} Point  source pixels
 * @typedef {{points: Point[], box: number[] | null, mask?: boolean, rev?: number, pending?: boolean}} FramePrompt
 *   mask: one made by hand lies below the points
 * @typedef {{rev: number, source: string, score?: number, area?: number, box?: number[] | null,
 *   run?: number | null, stale?: boolean, approved?: boolean, rejected?: boolean, reason?: string | null,
 *   flags?: string[], absent?: boolean}} MaskFact
 *   absent: a person said that the object is not there; rejected: to be made again, for the reason
 * @typedef {{keypoint_id: number | string, frame_idx: number, x: number, y: number, name: string,
 *   visible: boolean, pending?: boolean}} Keypoint  the id is a text until the server gives its own
 * @typedef {{instance_id: number, name: string, colour: string, hidden: boolean, hidden_for_all?: boolean, locked: boolean, class_name?: string | null}} Instance
 *   hidden: in this window; hidden_for_all: as the server has it
 * @typedef {{name: string, label: string, hidden?: boolean}} Region  hidden: in this browser
 * @typedef {{video_id: string, name: string, num_frames: number, extracted: number, width: number,
 *   height: number, fps: number, duration_s: number, state: string, error?: any, note?: string | null, counts?: any, demo?: boolean}} Video
 *   note: what is wrong with the file, in words
 * @typedef {{job_id: string, kind: string, state: string, done: number, total: number,
 *   eta_s: number | null, position?: number | null, frame_idx?: number, error?: any, video_id?: string,
 *   client_id?: string, pairs?: any, start?: number, end?: number, direction?: string, from_frame?: number | null, label?: string,
 *   ended?: boolean, paused?: {flag: string, frame_idx: number, pairs: any[]} | null,
 *   approved?: string | null, made?: number | null, kept?: number | null,
 *   undo_at?: {instance_id: number, region: string, frame_idx: number}}} Job
 *   ended: while this page watched; made, kept: masks that a run wrote, and approved ones it left
 * @typedef {{name: string, label: string, state: string, demo?: boolean, device?: string, precision?: string,
 *   bytes?: number, frame_s?: number | null, error?: any}} Model
 * @typedef {{client_id: string, name?: string, frame_idx?: number | null, instance_id?: number | null, region?: string | null}} Person
 *   a window that has the same video open, and the pair selected there
 * @typedef {{client_id: string, person_id: string, name: string}} Client  who did something: a window, and the browser it is of
 */

export {};
