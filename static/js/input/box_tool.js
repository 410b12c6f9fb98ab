/** Drawing a box, and dragging the sides and corners of the one that is there. */

import { boxSidesAt } from "../core/hits.js";
import { promptHere } from "../core/selectors.js";
import { clamped } from "../core/viewport.js";
import { isFar } from "./drags.js";

/** @import { Commands } from "../views/page_commands.js" */
/** @import { Store } from "../core/store.js" */

/** @param {{store: Store, commands: Commands, stage: any}} deps */
export function makeBoxTool({ store, commands, stage }) {
  const place = (press) => clamped(store.state.video.open, press.point);

  /** A drag whose box is `boxOf(place)`; a press that is no drag does `tapped`. */
  const dragging = (press, boxOf, tapped = () => {}) => ({
    move: (now) => stage.setDraft({ box: boxOf(place(now)) }),
    release: (now) => {
      stage.setDraft(null);
      const box = boxOf(place(now));
      if (!isFar(press, now)) tapped();
      else if (box[2] > box[0] && box[3] > box[1]) commands.setBox(box);
    },
    cancel: () => stage.setDraft(null),
  });

  function draw(press, tapped) {
    if (press.button !== 0) return null;
    const from = place(press);
    return dragging(press, (to) => upright([...from, ...to]), tapped);
  }

  /** Move a side or corner; a click on it takes the box away, as a click on a dot does. */
  function press(pressed) {
    const sides = pressed.button === 0 ? boxSidesAt(store.state, stage.view, pressed.at) : [];
    if (!sides.length) return draw(pressed);
    const { box } = promptHere(store.state);
    const resized = (to) => upright(box.map((value, side) => (sides.includes(side) ? to[side % 2] : value)));
    return dragging(pressed, resized, () => commands.setBox(null));
  }

  return { press, draw };
}

/** The corners in order, whichever was drawn first. @param {number[]} box */
const upright = ([x0, y0, x1, y1]) => [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
