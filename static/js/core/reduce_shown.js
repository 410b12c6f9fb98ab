/** What this window shows of the open video: one instance alone, regions left out; prompts in mind. */

/** Whether an instance is drawn here follows from what is stored for all, and from who is alone. */
export const withShown = (instances, solo) =>
  instances.map((one) => {
    const { hidden_for_all = one.hidden, ...rest } = one;
    return { ...rest, hidden_for_all, hidden: solo === null ? hidden_for_all : one.instance_id !== solo };
  });

/** An instance that is gone is not alone. @param {any} state @param {any[]} instances as the server has them */
export function instancesShown(state, instances) {
  const solo = instances.some((one) => one.instance_id === state.solo) ? state.solo : null;
  return { solo, instances: withShown(instances, solo) };
}

/** @param {{name: string}[]} regions @param {string[]} hidden */
export const regionsShown = (regions, hidden) =>
  regions.map((one) => ({ ...one, hidden: hidden.includes(one.name) }));

const toggled = (list, one) => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one]);

export const SHOWN_CASES = {
  /** The same one again: all. */
  solo_changed: (state, { instance_id }) => {
    const solo = instance_id === state.solo ? null : instance_id;
    return { ...state, solo, instances: withShown(state.instances, solo) };
  },
  region_hidden: (state, { region }) => {
    const hidden_regions = toggled(state.view.hidden_regions, region);
    return { ...state, regions: regionsShown(state.regions, hidden_regions), view: { ...state.view, hidden_regions } };
  },
  server_failed: (state, { error }) => ({ ...state, server_error: error, dialog: error ? "server" : state.dialog }),
  keys_bound: (state, { keys }) => ({ ...state, view: { ...state.view, keys } }),
  all_jobs_shown: (state, { all }) => ({ ...state, all_jobs: all }),
  prompts_copied: (state, { source }) => ({ ...state, clipboard: source }),
};
