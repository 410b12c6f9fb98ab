/** The commands that change annotations or what the server keeps: a page with the token to look refuses them. */

export const EDITING = new Set([
  "toggleAbsent", "toggleAbsentRange",
  "approveRange", "approveFrame", "unapprove",
  "saveItem", "skipItem", "resetItem", "undoReset", "startFromLastMask", "processItem",
  "showMaking", "chooseMaking", "makeBatch", "toggleCut", "offerBatch", "batchDropped",
  "showProcessing", "processBatch", "changeProcessing", "removeBatch", "changeBatch", "renameBatch",
  "classifyInstance", "classifyAnew", "chooseClass", "removeClass", "bringClassBack",
  "setRule", "showRepair", "moveChosen", "cleanChosen", "deleteChosen", "deleteRange", "copyMaskOn",
  "removeExport", "showImport", "takeFiles", "uploadInstead", "undoImport", "startImport",
  "addKeypoint", "moveKeypoint", "removeKeypoint", "renameKeypoint", "renameSelected", "toggleOccluded", "deleteSelected", "carryKeypoints",
  "chooseModel", "cancelModel", "mendVideo",
  "pastePrompts", "dropMasks", "restoreMasks", "doAnyway",
  "clearFrame", "undoAt", "undo", "redo",
  "addPoint", "movePoint", "removePoint", "setBox", "setMask", "holdMask",
  "makeRegion", "renameRegion", "removeRegion",
  "propagate", "propagateAll", "propagateFull", "runPairs", "runFromHere", "resumeJob", "runAnyway", "fillGap", "holdAndFill", "cancelJob", "cancelRun",
  "rollBackListed", "rollBackHere", "keepOld", "keepNew", "mendHere", "changeRules",
  "addInstance", "ensureInstance", "changeInstance", "renameInstance", "recolourInstance", "hideInstance", "lockInstance", "toggleLock", "deleteInstance",
  "restoreTrashed", "removeTrashed", "emptyTrash",
  "uploadFiles", "removeVideo",
]);

/** @param {import("./state.js").State} state */
export const isReadOnly = (state) => state.session.access === "view";

/**
 * The same commands, where those that change something only say why they do not, while the page only looks.
 * @template {Record<string, Function>} T
 * @param {T} commands @param {{isReadOnly: () => boolean, say: () => void}} deps
 * @returns {T}
 */
export function withoutEditing(commands, { isReadOnly, say }) {
  const guarded = Object.entries(commands).map(([name, command]) => {
    if (!EDITING.has(name)) return [name, command];
    return [name, (...args) => (isReadOnly() ? say() : command(...args))];
  });
  return /** @type {T} */ (Object.fromEntries(guarded));
}
