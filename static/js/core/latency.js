/** Splits the time between a click and its mask on screen into parts. */

const SERVER_PARTS = ["queue", "encode", "decode", "png"];

/**
 * @param {Record<string, number>} timings of the server, in seconds: queue_s, encode_s, …
 * @param {{waited_ms: number, ms: number}} measured until the mask came, until it was on screen
 * @returns {{name: string, ms: number}[]} in the order they happen; they add up to the whole
 */
export function latencyParts(timings, { waited_ms, ms }) {
  const server = SERVER_PARTS.map((name) => ({ name, ms: (timings[`${name}_s`] ?? 0) * 1000 }));
  const answering_ms = server.reduce((sum, part) => sum + part.ms, 0);
  const network = { name: "network", ms: Math.max(0, waited_ms - answering_ms) };
  return [...server, network, { name: "drawing", ms: ms - waited_ms }];
}
