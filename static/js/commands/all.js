/** Every command, made once from the same collaborators. */

import { disjoint } from "../core/disjoint.js";
import { absenceCommands } from "./absences.js";
import { approveRangeCommands } from "./approve_range.js";
import { batchExportCommands } from "./batch_exports.js";
import { batchItemCommands } from "./batch_items.js";
import { batchMakingCommands } from "./batch_making.js";
import { batchProcessingCommands } from "./batch_processing.js";
import { batchCommands } from "./batches.js";
import { carryingCommands } from "./carrying.js";
import { classCommands } from "./classes.js";
import { cleaningCommands } from "./cleaning.js";
import { exportCommands } from "./exports.js";
import { followCommands } from "./following.js";
import { importCommands } from "./imports.js";
import { instanceCommands } from "./instances.js";
import { jobCommands } from "./jobs.js";
import { jumpCommands } from "./jumps.js";
import { keyCommands } from "./keys.js";
import { keypointCommands } from "./keypoints.js";
import { keepAddress, linkCommands } from "./links.js";
import { modelCommands } from "./models.js";
import { openingCommands } from "./opening.js";
import { opCommands } from "./ops.js";
import { otherServer } from "./other_server.js";
import { panelCommands } from "./panels.js";
import { pairCommands } from "./pair_edits.js";
import { peopleCommands } from "./people.js";
import { playbackCommands } from "./playback.js";
import { playingCommands } from "./playing.js";
import { tellPresence } from "./presence.js";
import { promptHistoryCommands } from "./prompt_history.js";
import { promptCommands } from "./prompts.js";
import { rangeCommands } from "./range_marks.js";
import { regionRuleCommands } from "./region_rules.js";
import { regionCommands } from "./regions.js";
import { repairCommands } from "./repairs.js";
import { rereadingCommands } from "./rereading.js";
import { reviewCommands } from "./review.js";
import { reviewPageLinks } from "./review_page.js";
import { runHistoryCommands } from "./run_history.js";
import { runCommands } from "./runs.js";
import { keypointSelectionCommands, selectedKeypointCommands } from "./selected_keypoint.js";
import { selectionCommands } from "./selection.js";
import { serverCommands } from "./servers.js";
import { sessionCommands } from "./session.js";
import { suspicionCommands } from "./suspicion.js";
import { timelineCommands } from "./timeline.js";
import { tryingCommands } from "./trying.js";
import { toastCommands } from "./toasts.js";
import { trashCommands } from "./trash.js";
import { uploadCommands } from "./uploads.js";
import { videoListCommands } from "./video_list.js";
import { viewCommands } from "./view.js";

/**
 * Two groups with a command of the same name are an error.
 * @param {any} deps store, link, sender, clocks and storage
 */
export function makeCommands(deps) {
  const toasts = toastCommands(deps);
  const base = { ...deps, toast: toasts.showToast };
  const rereading = rereadingCommands(base);
  const ops = opCommands({ ...base, ...rereading });
  const following = followCommands(base);
  const withOps = { ...base, ...following, ops };
  const playback = playbackGroup(base);
  const repairs = repairCommands({ ...withOps, ...playback });
  const carrying = carryingCommands(withOps);
  const history = runHistoryCommands({ ...withOps, ...repairs });
  tellPresence(base);
  keepAddress(base);
  return disjoint(
    toasts,
    rereading,
    ops,
    following,
    viewCommands(base),
    panelCommands(base),
    keyCommands(base),
    selectionCommands(base),
    regionCommands(base),
    serverCommands(base),
    reviewCommands(withOps),
    reviewPageLinks(base),
    approveRangeCommands(withOps),
    runCommands(withOps),
    timelineCommands(base),
    tryingCommands(base),
    rangeCommands(base),
    playingCommands(base),
    playback,
    repairs,
    carrying,
    cleaningCommands(base),
    history,
    annotatingGroup({ ...withOps, ...repairs }),
    videoGroup({ ...withOps, ...repairs, ...carrying, ...history }),
  );
}

function playbackGroup(deps) {
  const playback = playbackCommands(deps);
  const all = { ...deps, ...playback };
  return disjoint(playback, jumpCommands(all), suspicionCommands(all), regionRuleCommands(all));
}

/** Instances, and the prompts and keypoints that make the first one. */
function annotatingGroup(deps) {
  const instances = instanceCommands(deps);
  const all = { ...deps, ...instances };
  const naming = keypointSelectionCommands(all);
  const keypoints = keypointCommands({ ...all, ...naming });
  const selected = selectedKeypointCommands({ ...all, ...naming, ...keypoints });
  return disjoint(instances, classCommands(all), naming, keypoints, selected, promptCommands(all), promptHistoryCommands(all), pairCommands(all), absenceCommands(all));
}

/** Videos and the session they are opened in; models, exports and imports, whose jobs end. */
function videoGroup(deps) {
  const models = modelCommands(deps);
  const list = videoListCommands(deps);
  const opening = openingCommands({ ...deps, ...models, ...list });
  const links = linkCommands({ ...deps, ...list, ...opening });
  const all = { ...deps, ...list, ...opening, ...links };
  const batches = batchGroup(all);
  const uploads = uploadCommands({ ...all, ...batches });
  const exports = exportCommands(all);
  const imports = importCommands({ ...all, ...exports, ...uploads });
  const ended = { export: exports.exportEnded, import: imports.importEnded, repair: deps.repairEnded, rebuild: deps.rebuildEnded, carry_keypoints: deps.carryEnded, model_download: models.modelEnded, batch: batches.processingEnded };
  const session = sessionCommands({ ...all, elsewhere: otherServer(all) });
  const trash = trashCommands({ ...all, ...exports, ...batches });
  return disjoint(models, list, opening, links, batches, uploads, exports, imports, session, trash, peopleCommands(all), jobCommands({ ...all, ended }));
}

function batchGroup(deps) {
  const items = batchItemCommands(deps);
  const exports = batchExportCommands(deps);
  const batches = batchCommands({ ...deps, ...items, ...exports });
  return disjoint(items, exports, batches, batchMakingCommands({ ...deps, ...batches }), batchProcessingCommands({ ...deps, ...exports }));
}
