/** The rules between regions: chosen, and the frames of the open video that break one. */

import { nextViolation, violationsSummary, violationWords, withViolations } from "../core/region_rules.js";
import { changeRegionRules, getRegionRules, listViolations } from "../net/api.js";
import { upToDate } from "./up_to_date.js";

/** @import { Rules } from "../core/slices/region_rules.js" */
/** @import { Store } from "../core/store.js" */

const CALM_MS = 1200; // after the last change of a mask
const STRETCH = 200; // frames that are read at once

/** @param {{store: Store, toast: Function, step: (by: number) => void, later: (ms: number, callback: () => void) => void}} deps */
export function regionRuleCommands({ store, toast, step, later }) {
  const video = () => store.state.video.open?.video_id ?? null;
  let newest = 0; // reading: an older one ends
  let waits = false;

  /** Go to the next frame that breaks a rule, round and round, and say how. */
  async function nextBroken() {
    const { open } = store.state.video;
    if (!open) return;
    const { on, violations } = await listViolations(open.video_id);
    if (!on) return toast({ level: "info", about: "stop", message: "There are no rules between regions.", hint: "Choose some: & or the menu of regions." });
    const { frame_idx } = store.state.playback;
    const next = nextViolation(violations, { frame_idx, instance_id: store.state.annotations.instance_id });
    if (!next) return toast({ level: "info", about: "stop", message: "No frame breaks a rule between regions." });
    store.dispatch({ type: "pair_selected", instance_id: next.instance_id, region: store.state.annotations.region });
    step(next.frame_idx - frame_idx);
    toast({ level: "info", about: "stop", message: `${violationWords(next)}.`, hint: violationsSummary(violations) });
  }

  function showRules() {
    if (video() === null) return;
    store.dispatch({ type: "region_rules_refused", error: null });
    store.dispatch({ type: "dialog_changed", dialog: "rules" });
  }

  /** Let these rules hold, for every video; the toast brings those of before back. @param {Rules | null} rules */
  async function changeRules(rules) {
    const lacking = lackingWords(rules);
    if (lacking) return store.dispatch({ type: "region_rules_refused", error: { message: lacking } });
    const { rules: before } = store.state.region_rules;
    try {
      store.dispatch({ type: "region_rules_changed", ...(await changeRegionRules(rules)) });
    } catch (error) {
      if (store.state.view.dialog !== "rules") throw error;
      return store.dispatch({ type: "region_rules_refused", error: { message: error.message, hint: error.hint } });
    }
    if (store.state.view.dialog === "rules") store.dispatch({ type: "dialog_changed", dialog: null });
    toast({ level: "success", message: rules ? "The rules hold now." : "No rule holds any more.", action: "changeRules", args: [before] });
  }

  /** Read the frames that break a rule, a stretch after the other: each mask is compared with those of other regions. */
  async function readViolations() {
    const { open } = store.state.video;
    if (!open || !store.state.region_rules.rules) return;
    const asked = (newest += 1);
    for (let start = 0; start < open.num_frames; start += STRETCH) {
      const end = Math.min(start + STRETCH, open.num_frames) - 1;
      const { violations } = await listViolations(open.video_id, { start, end });
      if (asked !== newest || video() !== open.video_id) return;
      const now = withViolations(store.state.region_rules.violations, violations, { start, end });
      if (now) store.dispatch({ type: "violations_read", violations: now });
    }
  }

  /** Once masks have come to rest; under a run they change all the while. */
  function readSoon() {
    if (waits) return;
    waits = true;
    later(CALM_MS, () => {
      waits = false;
      if (isRunning(store.state)) return; // its end is told
      readViolations().catch(() => {}); // offline: the next change reads them
    });
  }

  const readRules = () =>
    video() !== null &&
    store.state.session.connection === "online" &&
    upToDate(store, video(), (state) => state.region_rules.rules, getRegionRules)
      .then(({ rules }) => store.dispatch({ type: "region_rules_changed", rules }))
      .catch(() => {}); // offline, or an older server

  store.watch((state) => [state.video.open?.video_id, state.session.connection], () => later(0, readRules));
  store.watch((state) => [state.video.open?.video_id, state.region_rules.rules, state.annotations.masks, isRunning(state)], () => store.state.region_rules.rules && readSoon());
  return { nextBroken, showRules, changeRules };
}

/** Say which choice is missing; empty if none is. @param {Rules | null} rules */
function lackingWords(rules) {
  if (!rules) return "";
  if (!rules.parts.length) return "Choose a region as a part of the whole.";
  return rules.inside || rules.exclusive || rules.union ? "" : "Choose a rule, or press No rules.";
}

const isRunning = ({ jobs }) => Object.values(jobs.by_id).some(({ kind, state }) => kind === "propagate" && state === "running");
