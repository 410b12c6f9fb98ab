/** What goes out of the open video and what comes in: the two dialogs, their lists. */

import { WHOLE } from "./exports.js";
import { NO_CHOICES } from "./imports.js";

/** What another video begins with. */
export const EXCHANGE_CLOSED = {
  exporting: { ...WHOLE, error: null, busy: false },
  exports: null,
  importing: null,
  imports: null,
  imports_error: null,
};

const here = (state, video_id) => video_id === state.video?.video_id;

const wished = (state, changes) => ({
  ...state,
  exporting: { ...state.exporting, error: null },
  view: { ...state.view, wishes: { ...state.view.wishes, ...changes } },
});

function optionChosen(state, { format, name, value }) {
  const { options } = state.view.wishes;
  return wished(state, { options: { ...options, [format]: { ...options[format], [name]: value } } });
}

const formatReset = (state, { format }) => {
  const { [format]: gone, ...options } = state.view.wishes.options;
  return wished(state, { options });
};

const importing = (state, changes) => (state.importing ? { ...state, importing: { ...state.importing, ...changes } } : state);

function choicesChanged(state, { choices }) {
  if (!state.importing) return state;
  return importing(state, { choices: { ...state.importing.choices, ...choices } });
}

/** An answer counts only if nothing was chosen since it was asked for. */
const answered = (state, { asked, ...changes }) => (state.importing?.asked === asked ? importing(state, changes) : state);

export const EXCHANGE_CASES = {
  formats_listed: (state, { exporters, importers }) => ({ ...state, formats: { exporters, importers } }),
  exports_listed: (state, { video_id, exports }) => (here(state, video_id) ? { ...state, exports } : state),
  export_wished: (state, { wishes }) => wished(state, wishes),
  export_option_chosen: optionChosen,
  export_options_reset: formatReset,
  export_reach_changed: (state, { reach }) => ({ ...state, exporting: { ...state.exporting, ...reach, error: null } }),
  export_sent: (state) => ({ ...state, exporting: { ...state.exporting, busy: true, error: null } }),
  export_answered: (state, { error }) => ({ ...state, exporting: { ...state.exporting, busy: false, error } }),
  imports_listed: (state, { video_id, imports, mapping }) => (here(state, video_id) ? { ...state, imports: { imports, mapping }, imports_error: null } : state),
  imports_failed: (state, { error }) => ({ ...state, imports_error: error }),
  import_chosen: (state, { name, size }) => ({
    ...state,
    importing: { name, size, state: "looking", sent: 0, asked: 0, report: null, error: null, choices: NO_CHOICES },
  }),
  import_choices_changed: choicesChanged,
  import_asked: (state, { asked, sending }) => importing(state, { asked, state: sending ? "sending" : "looking", sent: 0, error: null }),
  import_progressed: (state, { asked, sent }) => answered(state, { asked, sent }),
  import_looked: (state, { asked, report }) => answered(state, { asked, state: "ready", report, error: null }),
  import_failed: (state, { asked, error }) => answered(state, { asked, state: "failed", error }),
  import_put_away: (state) => ({ ...state, importing: null }),
};
