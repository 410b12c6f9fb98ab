/** Every command, made once from the same collaborators. */

import { exportCommands } from "./exports.js";
import { importCommands } from "./imports.js";
import { instanceCommands } from "./instances.js";
import { jobCommands } from "./jobs.js";
import { keyCommands } from "./keys.js";
import { keypointCommands } from "./keypoints.js";
import { modelCommands } from "./models.js";
import { opCommands } from "./ops.js";
import { playbackCommands } from "./playback.js";
import { pairCommands } from "./pair_edits.js";
import { playingCommands } from "./playing.js";
import { presenceCommands } from "./presence.js";
import { promptCommands } from "./prompts.js";
import { reviewCommands } from "./review.js";
import { serverCommands } from "./servers.js";
import { regionCommands } from "./regions.js";
import { sessionCommands } from "./session.js";
import { timelineCommands } from "./timeline.js";
import { uploadCommands } from "./uploads.js";
import { videoCommands } from "./videos.js";
import { viewCommands } from "./view.js";

/** @param {any} deps store, link, sender, clocks and storage @returns {Record<string, Function>} */
export function makeCommands(deps) {
  const view = viewCommands(deps);
  const base = { ...deps, toast: view.showToast };
  const ops = opCommands(base);
  const models = modelCommands({ ...base, ops });
  const videos = videoCommands({ ...base, models });
  const instances = instanceCommands(base);
  const all = { ...base, ops, videos, instances };
  presenceCommands(all);
  const uploads = uploadCommands(all);
  const exports = exportCommands(all);
  return {
    ...view,
    ...ops,
    ...models,
    ...videos,
    ...instances,
    ...promptCommands(all),
    ...pairCommands(all),
    ...keyCommands(all),
    ...keypointCommands(all),
    ...jobCommands(all),
    ...playbackCommands(all),
    ...playingCommands(all),
    ...timelineCommands(all),
    ...reviewCommands(all),
    ...uploads,
    ...exports,
    ...importCommands({ ...all, ...exports, ...uploads }),
    ...regionCommands(all),
    ...sessionCommands(all),
    ...serverCommands(all),
  };
}
