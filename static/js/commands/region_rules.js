/** Goes through the frames on which masks break a rule between regions. */

import { nextViolation, violationsSummary, violationWords } from "../core/region_rules.js";
import { listViolations } from "../net/api.js";

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, toast: Function, step: (by: number) => void}} deps */
export function regionRuleCommands({ store, toast, step }) {
  /** Go to the next frame that breaks a rule, round and round, and say how. */
  async function nextBroken() {
    const { open } = store.state.video;
    if (!open) return;
    const { on, violations } = await listViolations(open.video_id);
    if (!on) return toast({ level: "info", about: "stop", message: "There are no rules between regions.", hint: "configs/regions.yaml on the server may hold some." });
    const { frame_idx } = store.state.playback;
    const next = nextViolation(violations, { frame_idx, instance_id: store.state.annotations.instance_id });
    if (!next) return toast({ level: "info", about: "stop", message: "No frame breaks a rule between regions." });
    store.dispatch({ type: "pair_selected", instance_id: next.instance_id, region: store.state.annotations.region });
    step(next.frame_idx - frame_idx);
    toast({ level: "info", about: "stop", message: `${violationWords(next)}.`, hint: violationsSummary(violations) });
  }

  return { nextBroken };
}
