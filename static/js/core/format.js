/** Numbers as people read them. */

const THIN = "\u2009";

/** 1204 → "1 204". @param {number} value */
export const grouped = (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, THIN);

/** 16.083 → "00:16.083"; hours only when there are any. @param {number} seconds */
export function timecode(seconds) {
  const ms = Math.max(0, Math.round(seconds * 1000));
  const two = (value) => String(value).padStart(2, "0");
  const tail = `${two(Math.floor(ms / 60000) % 60)}:${two(Math.floor(ms / 1000) % 60)}`;
  const hours = Math.floor(ms / 3600000);
  return `${hours ? `${two(hours)}:` : ""}${tail}.${String(ms % 1000).padStart(3, "0")}`;
}

/** 12.4 → "12 s left", 150 → "2:30 left", 3900 → "1 h 5 min left"; null → "". @param {number | null | undefined} seconds */
export function timeLeft(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  const whole = Math.max(1, Math.round(seconds));
  if (whole < 60) return `${whole} s left`;
  if (whole < 3600) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")} left`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min left`;
}

/** @param {number} bytes */
export function byteSize(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let at = 0;
  while (bytes >= 1000 && at < units.length - 1) {
    bytes /= 1000;
    at += 1;
  }
  return `${at && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${units[at]}`;
}

/** 1 → "1st", 12 → "12th", 23 → "23rd". @param {number} position */
export function ordinal(position) {
  const teen = position % 100 > 10 && position % 100 < 14;
  return `${position}${(!teen && ["", "st", "nd", "rd"][position % 10]) || "th"}`;
}

/** 29.97 → "29.97 fps", 30 → "30 fps". @param {number} fps */
export const frameRate = (fps) => `${Number(fps.toFixed(2))} fps`;

/** 930 → "930", 12 400 → "12k": where there is room for four characters. @param {number} value */
export const brief = (value) =>
  value < 1000 ? String(value) : `${(value / 1000).toFixed(value < 9950 ? 1 : 0)}k`;

const TAIL = 12; // characters: what tells the files of a series apart is at the end

/** A name in two parts, of which the first may be cut short. @param {string} name @returns {string[]} */
export const splitName = (name) =>
  name.length > TAIL + 4 ? [name.slice(0, -TAIL), name.slice(-TAIL)] : [name, ""];

const NAMED = 60; // characters: two lines of a message

/** A name as a sentence bears it: its middle left out where it is long. @param {string} name */
export const inSentence = (name) => {
  if (name.length <= NAMED) return name;
  const [start, end] = splitName(name);
  return `${start.slice(0, NAMED - end.length - 1)}…${end}`;
};

/** A fraction of the whole, 0 to 100. @param {number} part @param {number} whole */
export const percent = (part, whole) => (whole > 0 ? Math.min(100, (100 * part) / whole) : 0);

/** "1 point", "2 points". @param {number} count @param {string} noun @param {string} [plural] */
export const counted = (count, noun, plural = `${noun}s`) =>
  `${grouped(count)} ${count === 1 ? noun : plural}`;
