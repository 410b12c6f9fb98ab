/** The choices of the export dialog. */

/** @import { Store } from "../core/store.js" */

/** @param {{store: Store}} deps */
export function exportChoiceCommands({ store }) {
  const set = (type, fields) => store.dispatch({ type, ...fields });

  /** @param {string} format */
  const chooseFormat = (format) => set("export_wished", { wishes: { format } });
  /** @param {{approved_only?: boolean, stale?: string}} wishes */
  const wishExport = (wishes) => set("export_wished", { wishes });
  const chooseOption = (format, name, value) => set("export_option_chosen", { format, name, value });
  const forgetRefusal = () => store.state.exchange.exporting.error && set("export_answered", { error: null });
  const resetOptions = (format) => set("export_options_reset", { format });
  /** @param {{pairs?: string, chosen?: string[], frames?: string}} reach */
  const reachExport = (reach) => set("export_reach_changed", { reach });

  return { chooseFormat, wishExport, chooseOption, forgetRefusal, resetOptions, reachExport };
}
