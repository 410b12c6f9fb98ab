/** Words for an open video that cannot be read: why, and what to do. */

/** @import { State } from "./state.js" */

/** @param {Pick<State, "video">} state @returns {{message: string, hint: string} | null} */
export function brokenWords({ video: { open } }) {
  if (open?.state !== "failed") return null;
  const { message = "This video cannot be read.", hint = "" } = open.error ?? {};
  return { message, hint };
}
