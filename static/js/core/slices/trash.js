/** The dialog of the trash: what was deleted on the server, as listed last. */

/**
 * @typedef {{trash_id: string, kind: string, name: string, video_id: string | null, bytes: number, deleted_at: number,
 *   client: string | null, client_id: string | null, restorable: boolean, instance_id?: number, region?: string, export_id?: string, batch_id?: string}} TrashItem
 *   deleted_at: in seconds since 1970
 * @typedef {{items: TrashItem[], bytes: number, days: number, max_bytes: number, dropped: {trash_id: string, name: string, why: string}[]}} TrashList
 */

export const TRASH = {
  /** @type {TrashList | null} */ list: null,
  /** @type {{message: string, hint?: string} | null} */ error: null,
};

/** @type {Record<string, import("./open_video.js").Case<typeof TRASH>>} */
export const TRASH_CASES = {
  trash_listed: (trash, { list }) => ({ ...trash, list, error: null }),
  trash_failed: (trash, { error }) => ({ ...trash, error }),
  trash_changed: (trash) => trash, // it is read again while its dialog is open
};
