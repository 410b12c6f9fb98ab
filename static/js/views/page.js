/** Mounts every view on its element of the template. */

import { mountBatchBar } from "./batch_bar.js";
import { mountBatchDialog } from "./batch_dialog.js";
import { mountBatchList } from "./batch_list.js";
import { mountBrushSize } from "./brush_size.js";
import { mountCommandPalette } from "./command_palette.js";
import { mountComparePanel } from "./compare_panel.js";
import { mountConnection } from "./connection_menu.js";
import { mountExportDialog } from "./export_dialog.js";
import { mountHelp } from "./help.js";
import { mountHoverMarks } from "./hover_marks.js";
import { mountImportDialog } from "./import_dialog.js";
import { mountInstancePanel } from "./instance_panel.js";
import { mountJobCards } from "./job_cards.js";
import { mountInvitation } from "./invitation.js";
import { mountKeyHints } from "./key_hints.js";
import { mountKeypointPanel } from "./keypoint_panel.js";
import { mountLatency } from "./latency_panel.js";
import { mountLogin } from "./login.js";
import { mountModelMenu } from "./model_menu.js";
import { mountNameEditor } from "./name_editor.js";
import { mountNameAsked } from "./name_field.js";
import { mountPalette } from "./palette.js";
import { mountPanelFolds } from "./panel_folds.js";
import { mountProcessingDialog } from "./processing_dialog.js";
import { mountPropagatePanel } from "./propagate_panel.js";
import { mountReadOnly } from "./read_only.js";
import { mountRegionMenu } from "./region_menu.js";
import { mountRepairPanel } from "./repair_panel.js";
import { mountReviewLink } from "./review_link.js";
import { mountRulesDialog } from "./rules_dialog.js";
import { mountRunsDialog } from "./runs_dialog.js";
import { mountServerDialog } from "./server_dialog.js";
import { mountSplitter } from "./splitter.js";
import { mountStageNote, mountWelcome } from "./stage_notes.js";
import { mountSuspicionsDialog } from "./suspicions_dialog.js";
import { mountTimeline } from "./timeline.js";
import { mountTimelineHeight } from "./timeline_height.js";
import { mountBanner, mountToasts } from "./toast.js";
import { mountToolbar } from "./toolbar.js";
import { mountTransport } from "./transport.js";
import { mountTrashDialog } from "./trash_dialog.js";
import { mountUploads } from "./upload_list.js";
import { mountVideoList } from "./video_list.js";
import { byId } from "./dom.js";

/** @import { Commands } from "./page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, commands: Commands, stage: any, keys: (name: string) => string, rows: () => any[], notes: any[],
 *   server: import("../net/server_choice.js").Server, servers: () => string[],
 *   thumbnailUrl: (video_id: string) => Promise<string>, thumbnails: any, previews: any}} deps */
export function mountPage(deps) {
  const choose = () => byId("file-input").click();
  mountToolbar(byId("top"), deps);
  mountReadOnly(deps);
  mountPanelFolds(deps);
  mountReviewLink(byId("review-link"), deps);
  mountConnection(deps);
  mountServerDialog(byId("server"), deps);
  mountNameAsked(deps);
  mountModelMenu(deps);
  mountLatency(deps);
  mountInvitation(byId("invitation"), deps);
  mountUploads(byId("left"), deps);
  mountVideoList(byId("left"), deps);
  mountBatchList(deps);
  mountBatchBar(byId("batch-bar"), deps);
  mountBatchDialog(byId("batch"), deps);
  mountProcessingDialog(byId("processing"), deps);
  mountPalette(byId("tools"), deps);
  mountBrushSize(byId("brush-size"), deps);
  mountStageNote(byId("stage-note"), deps);
  mountWelcome(byId("welcome"), { ...deps, choose });
  mountNameEditor(byId("stage"), deps);
  mountRepairPanel(byId("repair"), deps);
  mountComparePanel(byId("compare"), deps);
  mountInstancePanel(byId("right"), deps);
  mountHoverMarks(byId("instances"), deps);
  mountRegionMenu(deps);
  mountKeypointPanel(byId("keypoints"), deps);
  mountPropagatePanel(byId("propagate"), deps);
  mountJobCards(deps);
  mountTransport(byId("transport"), deps);
  mountTimelineHeight(deps);
  mountSplitter(byId("splitter"), deps);
  mountTimeline(byId("timeline"), deps);
  mountToasts(byId("toasts"), deps);
  mountBanner(byId("banner"), deps);
  mountHelp(byId("help"), deps);
  mountCommandPalette(byId("commands"), deps);
  deps.store.watch((state) => state.video.open === null, (none) => (byId("exchange").hidden = none));
  mountExportDialog(byId("export"), deps);
  mountImportDialog(byId("import"), deps);
  mountTrashDialog(byId("trash"), deps);
  mountRunsDialog(byId("runs"), deps);
  mountSuspicionsDialog(byId("suspicions"), deps);
  mountRulesDialog(byId("rules"), deps);
  mountLogin(byId("login"), deps);
  mountKeyHints(deps);
}
