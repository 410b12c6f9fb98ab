/** The table of keys: the command of each, and its words in the help and the tooltips. */

import { keyName } from "../core/keys.js";

/**
 * keys: as `keyName` spells them. show: as people read them. hold: how a key that is held acts:
 * "tap" runs on release unless the key was used for a drag, "peek" runs again on a late release.
 * @typedef {{name: string, command: string, args?: any[], keys: string[], show: string[],
 *   help: string, group: string, hold?: "tap" | "peek"}} KeyRow
 */

const row = (group) => (name, keys, show, help, run = {}) => ({
  name,
  command: run.command ?? name,
  args: run.args ?? [],
  keys,
  show,
  help,
  group,
  hold: run.hold,
});
const tool = row("Tools");
const edit = row("Edit");
const move = row("Move through the video");
const view = row("View");
const mark = row("Range and review");
const timeline = row("Timeline");
const run = row("Run");
const batch = row("Batch");
const page = row("Page");
const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** @type {KeyRow[]} */
export const KEYMAP = [
  tool("clickTool", ["v"], ["V"], "Click mode", { command: "chooseTool", args: ["click"] }),
  tool("boxTool", ["b"], ["B"], "Box mode", { command: "chooseTool", args: ["box"] }),
  tool("brushTool", ["p"], ["P"], "Brush: paint on the mask", { command: "chooseTool", args: ["brush"] }),
  tool("eraserTool", ["e"], ["E"], "Eraser: take away from the mask", { command: "chooseTool", args: ["eraser"] }),
  tool("polygonTool", ["l"], ["L"], "Polygon: add an area to the mask, or cut it out", { command: "chooseTool", args: ["polygon"] }),
  tool("keypointTool", ["k"], ["K"], "Keypoint mode", { command: "chooseTool", args: ["keypoint"] }),
  tool("swapLabel", ["x"], ["X"], "Swap what the left button does: add or remove"),
  tool("toggleLoupe", ["Alt+m"], ["Alt+M"], "Keypoint mode: magnify around the pointer, or not"),
  tool("togglePointing", ["_"], ["_"], "Pointer by keys: arrows move it (Shift: finely, Ctrl: far), Enter clicks, Shift+Enter clicks right, Esc ends"),
  tool("toggleTrying", [":"], [":"], "Outline the mask that a click at the pointer would give; hold to peek", { hold: "peek" }),
  tool("pickHovered", ["q"], ["Q"], "Select the pair under the pointer; again: the one below"),
  ...digits.map((digit, at) => ({
    ...tool(`instance${digit}`, [digit], ["1", "–", "9"], at ? "" : "Select an instance"),
    command: "selectInstance",
    args: [at + 1],
  })),
  tool("nextRegion", ["Tab"], ["Tab"], "Next region", { command: "stepRegion", args: [1] }),
  tool("previousRegion", ["Shift+Tab"], ["Shift+Tab"], "Previous region", {
    command: "stepRegion",
    args: [-1],
  }),
  tool("toggleSolo", ["Shift+h"], ["Shift+H"], "Show only the selected instance; again: all"),
  tool("toggleLock", ["Shift+l"], ["Shift+L"], "Lock or unlock the selected instance"),
  tool("chooseClass", ["Shift+c"], ["Shift+C"], "Class of the selected instance, say: needle driver"),
  tool("addInstance", ["i"], ["I"], "New instance, at the first region"),

  edit("undo", ["u", "z", "Ctrl+z"], ["U", "Z", "Ctrl+Z"], "Undo your last change or approval, on whichever frame"),
  edit("redo", ["Ctrl+Shift+z", "Ctrl+y"], ["Ctrl+Shift+Z", "Ctrl+Y"], "Redo what you undid last"),
  edit("copyPrompts", ["Ctrl+c"], ["Ctrl+C"], "Copy the prompts of this frame"),
  edit("pastePrompts", ["Ctrl+v"], ["Ctrl+V"], "Paste them: on another frame, or for another pair"),
  edit("holdMask", ["m"], ["M"], "Hold this mask: make it a prompt, from which runs go out"),
  edit("clearFrame", ["c"], ["C"], "Clear the frame: its prompts and their mask"),
  edit("toggleOccluded", ["Shift+k"], ["Shift+K"], "The selected keypoint is occluded; again: visible"),
  edit("renameSelected", ["F2"], ["F2"], "Rename the selected keypoint"),
  edit("deleteSelected", ["Delete"], ["Del"], "Delete the selected keypoint"),
  edit("carryKeypoints", ["*"], ["*"], "Carry the selected keypoint, else all of the instance, to the other frames, or over the range"),
  edit("closePolygon", ["Enter"], ["Enter"], "Close the polygon; else download the export that is ready; else save the batch's item"),
  edit("takeCornerBack", ["Backspace"], ["Backspace"], "Take the polygon's last corner back; else back to the review, if the frame was opened from there"),
  edit("copyMaskOn", ["Shift+g"], ["Shift+G"], "Copy the mask to the next frame, as one made by hand, and go there"),
  edit("showMove", ["Shift+x"], ["Shift+X"], "Swap or move masks between two pairs; delete masks", { command: "showRepair", args: ["move"] }),
  edit("showClean", ["Shift+r"], ["Shift+R"], "Clean masks: fill holes, drop specks, smooth, grow, shrink; with a preview", { command: "showRepair", args: ["clean"] }),
  edit("mendHere", ["Shift+z"], ["Shift+Z"], "Make the instance's masks keep the rules between regions, in the range or on this frame"),
  edit("deleteRange", ["Shift+Delete"], ["Shift+Del"], "Delete the masks of the range, or of this frame; clicked and approved ones stay"),
  edit("saySaved", ["Ctrl+s"], ["Ctrl+S"], "Say whether all is saved (it is, as you make it)"),

  move("nextFrame", ["ArrowRight", "d", "."], ["→", "D", "."], "Next frame"),
  move("previousFrame", ["ArrowLeft", "a", ","], ["←", "A", ","], "Previous frame"),
  move("next10", ["Shift+ArrowRight", "Shift+d"], ["Shift+→"], "10 frames on", {
    command: "step",
    args: [10],
  }),
  move("previous10", ["Shift+ArrowLeft", "Shift+a"], ["Shift+←"], "10 frames back", {
    command: "step",
    args: [-10],
  }),
  move("firstFrame", ["Home"], ["Home"], "First frame"),
  move("lastFrame", ["End"], ["End"], "Last frame"),
  move("nextPrompted", ["PageDown"], ["PgDn"], "Next prompted frame of the pair", {
    command: "stepPrompted",
    args: [1],
  }),
  move("previousPrompted", ["PageUp"], ["PgUp"], "Previous prompted frame of the pair", {
    command: "stepPrompted",
    args: [-1],
  }),
  move("nextSuspect", ["n"], ["N"], "Next suspicious frame: rejected, flagged, unsure, stale or without a mask", {
    command: "stepSuspect",
    args: [1],
  }),
  move("previousSuspect", ["Shift+n"], ["Shift+N"], "Previous suspicious frame", {
    command: "stepSuspect",
    args: [-1],
  }),
  move("nextWorst", ["'"], ["'"], "Most suspicious mask, then the next one; says why", { command: "stepWorst", args: [1] }),
  move("previousWorst", ["Alt+'"], ["Alt+'"], "Back to the one that is more suspicious", { command: "stepWorst", args: [-1] }),
  move("showSuspicions", ["!"], ["!"], "List of the suspicious masks, worst first"),
  move("nextBroken", ["Alt+z"], ["Alt+Z"], "Next frame that breaks a rule between regions, such as a part outside of the whole"),
  move("showRules", ["&"], ["&"], "Rules between regions: choose which hold, such as parts inside of the whole"),
  move("nextFlagged", ["s"], ["S"], "Next flagged place that is not approved: lost, fills the frame, scene cut", {
    command: "stepFlagged",
    args: [1],
  }),
  move("previousFlagged", ["Shift+s"], ["Shift+S"], "Previous flagged place", {
    command: "stepFlagged",
    args: [-1],
  }),
  move("goToFrame", ["g"], ["G"], "Type a frame number", { command: "focusFrame" }),
  move("togglePlay", [" "], ["Space"], "Play and pause (hold and drag to pan)", { hold: "tap" }),
  move("slower", ["<"], ["<"], "Play slower: down to a quarter of the video's own rate", { command: "stepRate", args: [-1] }),
  move("faster", [">"], [">"], "Play faster: up to twice its rate", { command: "stepRate", args: [1] }),
  move("toggleLoop", ["r"], ["R"], "Play round and round, between the marks if they are set"),

  mark("markIn", ["["], ["["], "First frame of the range is here; again: no longer", { command: "markRange", args: ["start"] }),
  mark("markOut", ["]"], ["]"], "Last frame of the range is here; again: no longer", { command: "markRange", args: ["end"] }),
  mark("clearIn", ["Alt+["], ["Alt+["], "Take the first mark away", { command: "clearMark", args: ["start"] }),
  mark("clearOut", ["Alt+]"], ["Alt+]"], "Take the last mark away", { command: "clearMark", args: ["end"] }),
  mark("approveFrame", ["y"], ["Y"], "Approve the mask of the pair on this frame, at a flagged place all its masks; again: no longer"),
  mark("approveRange", ["Shift+y"], ["Shift+Y"], "Approve the masks of the pair, in the range if one is marked; again: its stale ones, then all pairs"),
  mark("openReview", ["Alt+y"], ["Alt+Y"], "Review page: all frames and pairs of the video in a grid"),
  mark("toggleAbsent", ["w"], ["W"], "The object is not here: an empty mask that runs keep; again: no longer"),
  mark("toggleAbsentRange", ["Shift+w"], ["Shift+W"], "The object is not in the marked range, or where a run lost it; again: no longer"),

  run("propagate", ["t"], ["T"], "Propagate in the chosen direction; after corrections only over the frames that they can change"),
  run("propagateFull", ["Alt+f"], ["Alt+F"], "Propagate in full: track every frame anew, also those that no correction changes"),
  run("forward", ["f"], ["F"], "Propagate forward, in full", { command: "propagate", args: ["forward"] }),
  run("backward", ["Shift+f"], ["Shift+F"], "Propagate backward, in full", {
    command: "propagate",
    args: ["backward"],
  }),
  run("propagateAll", ["Alt+t"], ["Alt+T"], "Propagate all pairs"),
  run("toggleScope", ["Ctrl+a"], ["Ctrl+A"], "A run goes over all pairs; again: this pair"),
  run("fromHere", ["j"], ["J"], "Run from this frame on, forward", { command: "runFromHere", args: ["forward"] }),
  run("backFromHere", ["Shift+j"], ["Shift+J"], "Run from this frame back", { command: "runFromHere", args: ["backward"] }),
  run("bothFromHere", ["Alt+j"], ["Alt+J"], "Run from this frame both ways", { command: "runFromHere", args: ["both"] }),
  run("fillGap", ["/"], ["/"], "Fill between the prompted or approved frames around this one, from both sides; with marks, in the range"),
  run("toggleFollow", ["Alt+w"], ["Alt+W"], "Watch: the stage follows your runs until a click or a key; again: it stays"),
  run("showRuns", ["Alt+h"], ["Alt+H"], "Runs of this video: what each changed, to take back or compare; all prompts again by another model"),
  run("toggleCompare", ["Alt+x"], ["Alt+X"], "Compare the last run of the pair with the masks before it; again: no longer"),
  run("flicker", [";"], [";"], "Hold: the mask as it was before its run", { hold: "peek" }),
  run("keepOld", ["Alt+u"], ["Alt+U"], "Keep the old masks: take the run back in the range, or on this frame; leave a rebuild"),
  run("keepNew", ["Alt+i"], ["Alt+I"], "Keep the new masks: approve them in the range, or on this frame; take a rebuild"),
  run("cancelRun", ["Escape"], ["Esc"], "Stop your run, keep what is done", { command: "escape" }),

  view("toggleMasks", ["h"], ["H"], "Hide masks; hold to peek", { hold: "peek" }),
  view("moreOpaque", ["ArrowUp"], ["↑"], "Masks more opaque", { command: "stepAlpha", args: [1] }),
  view("lessOpaque", ["ArrowDown"], ["↓"], "Masks less opaque", { command: "stepAlpha", args: [-1] }),
  view("othersMoreOpaque", ["Ctrl+ArrowUp"], ["Ctrl+↑"], "Masks of the other pairs more opaque", { command: "stepOthersAlpha", args: [1] }),
  view("othersLessOpaque", ["Ctrl+ArrowDown"], ["Ctrl+↓"], "Masks of the other pairs less opaque", { command: "stepOthersAlpha", args: [-1] }),
  view("nextMaskStyle", ["o"], ["O"], "Masks as fill and outline, outline, fill"),
  view("fit", ["0"], ["0"], "Fit the frame (or double click beside it)"),
  view("zoomIn", ["+", "="], ["+"], "Zoom in (or wheel)", { command: "zoom", args: [1.25] }),
  view("zoomOut", ["-"], ["−"], "Zoom out (or wheel)", { command: "zoom", args: [0.8] }),

  batch("saveItem", ["Alt+Enter"], ["Alt+Enter"], "Save the item and go to the next one to do (Enter does, too)"),
  batch("nextItem", ["Alt+n"], ["Alt+N"], "Next item, whatever its state"),
  batch("previousItem", ["Alt+p"], ["Alt+P"], "Previous item"),
  batch("nextToDo", ["Alt+o"], ["Alt+O"], "Next item to do, without saving this one"),
  batch("focusItem", ["Alt+g"], ["Alt+G"], "Type an item's number"),
  batch("skipItem", ["Alt+k"], ["Alt+K"], "Skip the item and go on; a skipped one: take it in again"),
  batch("resetItem", ["Alt+Backspace"], ["Alt+Backspace"], "Reset the item: clear its prompts and marks; again: bring them back"),
  batch("startFromLastMask", ["Alt+l"], ["Alt+L"], "Start from the last mask of the item before; errors drift on"),
  batch("processItem", ["Alt+q"], ["Alt+Q"], "Process the item now, in the background, and go on"),
  batch("showProcessing", ["Alt+a"], ["Alt+A"], "Process all annotated items"),
  batch("downloadBatch", ["Alt+s"], ["Alt+S"], "Download the newest export of the batch"),
  batch("openBatchReview", ["Alt+v"], ["Alt+V"], "Review page of the batch"),
  batch("toggleCut", ["Alt+c"], ["Alt+C"], "Cut the video before this frame; again: no longer"),
  batch("showMaking", ["Alt+b"], ["Alt+B"], "New batch: a folder, or the video cut into segments"),

  timeline("timelineIn", ["Alt+=", "Alt++"], ["Alt+="], "Show fewer frames (or wheel)", { command: "zoomTimeline", args: [2] }),
  timeline("timelineOut", ["Alt+-"], ["Alt+−"], "Show more frames", { command: "zoomTimeline", args: [0.5] }),
  timeline("timelineFit", ["Alt+0"], ["Alt+0"], "Show the whole video", { command: "fitTimeline" }),
  timeline("timelineRange", ["Alt+r"], ["Alt+R"], "Show the range; again: the whole video", { command: "zoomToRange" }),
  timeline("laneBelow", ["Shift+ArrowDown"], ["Shift+↓"], "Select the pair one lane below", { command: "stepLane", args: [1] }),
  timeline("laneAbove", ["Shift+ArrowUp"], ["Shift+↑"], "Select the pair one lane above", { command: "stepLane", args: [-1] }),
  timeline("toggleFilmstrip", ["Shift+t"], ["Shift+T"], "Thumbnails above the lanes, or none"),

  view("foldAll", ["\\"], ["\\"], "More picture: fold all panels; again: bring them back"),
  view("foldLeft", ["Shift+v"], ["Shift+V"], "Fold the videos panel; again: bring it back"),
  view("foldRight", ["Shift+p"], ["Shift+P"], "Fold the instances panel; again: bring it back"),
  view("foldTime", ["Shift+b"], ["Shift+B"], "Fold the timeline; again: bring it back"),
  view("foldCards", ["Shift+m"], ["Shift+M"], "Cards as single lines, but for the selected instance; again: whole"),
  view("fullScreen", ["Shift+F11"], ["Shift+F11"], "Full screen; again: the window"),
  view("togglePointerLabels", ["Shift+q"], ["Shift+Q"], "Say beside a resting pointer what a click does, or only below the picture"),

  page("showCommands", ["Ctrl+k"], ["Ctrl+K"], "Find a command by a part of its name; or a video, instance or frame"),
  page("showHelp", ["?", "F1"], ["?", "F1"], "This list"),
  page("showExport", ["Shift+e"], ["Shift+E"], "Export: write the masks in a format, and download them"),
  page("showTrash", ["Alt+Delete"], ["Alt+Del"], "Trash: deleted things, to bring them back"),
  page("showImport", ["Shift+i"], ["Shift+I"], "Import annotations from a file"),
  page("nextPane", ["F6"], ["F6"], "Go to the next panel by keyboard; Esc comes back"),
];

/** Mouse rows of the help. @type {{group: string, show: string[], help: string}[]} */
export const MOUSE = [
  { group: "Mouse", show: ["Left"], help: "Add a positive point; on a dot: remove it, unless it was just made" },
  { group: "Mouse", show: ["Drag a dot"], help: "Move it; Esc puts it back" },
  { group: "Mouse", show: ["Right"], help: "Add a negative point (also Shift+left; on a Mac Ctrl+left)" },
  { group: "Mouse", show: ["Ctrl+drag"], help: "Draw a box (on a Mac Cmd+drag: there Cmd is Ctrl for every key)" },
  { group: "Mouse", show: ["Ctrl+click"], help: "Add a point, on a dot, too" },
  { group: "Mouse", show: ["Drag a side"], help: "Box mode: change the box; a click takes it away" },
  { group: "Mouse", show: ["Alt+click"], help: "Select the pair under the pointer (also a middle click)" },
  { group: "Mouse", show: ["Shift+wheel"], help: "Size of the brush and the eraser" },
  { group: "Mouse", show: ["Wheel"], help: "Zoom at the pointer" },
  { group: "Timeline", show: ["Wheel"], help: "Show fewer or more frames about the pointer" },
  { group: "Timeline", show: ["Shift+wheel"], help: "Go along (also a drag with the middle button)" },
  { group: "Timeline", show: ["Shift+drag"], help: "Draw a range" },
  { group: "Mouse", show: ["Middle drag"], help: "Pan (also Space+drag)" },
  { group: "Mouse", show: ["Shift+right"], help: "Same as right; Firefox opens its own menu" },
  { group: "Touch and pen", show: ["Tap"], help: "Same as a left click" },
  { group: "Touch and pen", show: ["Long press"], help: "Same as a right click: add a negative point" },
  { group: "Touch and pen", show: ["Drag"], help: "Paint, draw a box, move a dot; beside dots: pan" },
  { group: "Touch and pen", show: ["Two fingers"], help: "Zoom and pan; what the first one had begun is taken back" },
  { group: "Touch and pen", show: ["Pen"], help: "Same as the mouse, at any pressure; its other end is the right button" },
  { group: "Page", show: ["Back"], help: "The browser's own: to where you were before a jump or another video" },
  { group: "Page", show: ["Address"], help: "A link to this video, frame and pair: copy it to send it" },
];

/** Signs on the timeline. @type {{group: string, show: string[], help: string}[]} */
export const LEGEND = [
  { group: "Timeline", show: ["◆"], help: "A frame with prompts" },
  { group: "Timeline", show: ["▨"], help: "Masks that no longer follow from the prompts" },
  { group: "Timeline", show: ["○"], help: "From here on the object is lost" },
  { group: "Timeline", show: ["▲"], help: "From here on the mask fills the frame" },
  { group: "Timeline", show: ["┃"], help: "A scene cut" },
  { group: "Timeline", show: ["✓"], help: "Approved masks, under a line" },
  { group: "Timeline", show: ["✗"], help: "Redo: a person rejected these masks; a run replaces them" },
  { group: "Timeline", show: ["▱"], help: "Marked absent: a person said that the object is not there" },
  { group: "Timeline", show: ["╎"], help: "A cut, before which a segment of a new batch begins" },
  { group: "Timeline", show: ["╵"], help: "A seam: the masks on its two sides come from different runs" },
  { group: "Timeline", show: ["┄"], help: "No masks between others" },
  { group: "Timeline", show: ["⬥"], help: "Below the bar, small: keypoints that a person placed" },
  { group: "Timeline", show: ["⬦"], help: "Below the bar, hollow: keypoints that were carried there" },
  { group: "Timeline", show: ["⌃"], help: "How little each mask fits its neighbours: a peak wants a look" },
  { group: "Timeline", show: ["∿"], help: "Masks that break a rule between regions" },
  { group: "Timeline", show: ["⌵"], help: "While a run is compared: how much of each mask it changed" },
  { group: "Timeline", show: ["▁"], help: "How sure the model is: green, yellow, orange, red where it sees no object" },
];

/** The key to show beside a button. @param {string} name of the row @param {{name: string, show: string[]}[]} [rows] as they are now */
export function keyOf(name, rows = KEYMAP) {
  return rows.find((row) => row.name === name)?.show[0] ?? "";
}

export { keyName };

/** @param {Parameters<typeof keyName>[0]} event @param {KeyRow[]} [rows] as they are now @returns {KeyRow | undefined} */
export function rowFor(event, rows = KEYMAP) {
  const name = keyName(event);
  return rows.find((row) => row.keys.includes(name));
}
