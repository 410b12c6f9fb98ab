/** Names of instances; the number is always shown, so a name need not repeat it. */

/** "tool 1" of instance 1 → "tool". @param {{instance_id: number, name: string}} instance */
export function shortName({ instance_id, name }) {
  const own = ` ${instance_id}`;
  return name.endsWith(own) && name.length > own.length ? name.slice(0, -own.length) : name;
}

/** "1 · tool". @param {{instance_id: number, name: string}} instance */
export const titleOf = (instance) => `${instance.instance_id} · ${shortName(instance)}`;

/** Near black or white, whichever reads better on the colour. @param {string} colour "#rrggbb" */
export function inkOn(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => linear(parseInt(colour.slice(at, at + 2), 16) / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#10151b" : "#ffffff";
}

const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
