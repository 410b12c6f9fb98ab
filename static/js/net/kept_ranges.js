/** The in and out marks of each video, kept in this browser. */

const RANGES = "annotator.ranges";
const MOST = 200; // videos; the ones marked longest ago go first

/** @param {Storage} local */
export function keptRanges(local) {
  const all = () => {
    try {
      return JSON.parse(local.getItem(RANGES) ?? "{}");
    } catch {
      return {}; // written by another version
    }
  };

  /** @param {string} video_id @returns {{start: number | null, end: number | null} | null} */
  function read(video_id) {
    const { start = null, end = null } = all()[video_id] ?? {};
    const known = [start, end].every((mark) => mark === null || Number.isInteger(mark));
    return known && (start !== null || end !== null) ? { start, end } : null;
  }

  /** @param {string} video_id @param {{start: number | null, end: number | null}} range */
  function write(video_id, range) {
    const { [video_id]: gone, ...others } = all();
    const empty = range.start === null && range.end === null;
    const kept = Object.entries(empty ? others : { ...others, [video_id]: range }).slice(-MOST);
    local.setItem(RANGES, JSON.stringify(Object.fromEntries(kept)));
  }

  return { read, write };
}
