/** The grid of cells: rows in view are in the page, and no others. */

import { shownWidth } from "../../core/pixel_aspect.js";
import { layoutOf, rowsInView, scrollTo } from "../../core/review/grid.js";
import { el, follow } from "../dom.js";
import { drawCell, makeCell, updateCell } from "./cell.js";

/** @import { Cell } from "../../core/review/cells.js" */
/** @import { ReviewState } from "../../core/review/state.js" */
/** @import { Store } from "../../core/store.js" */

const WIDE = { width: 16, height: 9, instances: [] }; // of a video of which nothing is known
const NO_COLOUR = "#4ea1ff";

export class CellGrid {
  #root;
  #space = el("div", { class: "cells", attrs: { role: "rowgroup" } });
  #store;
  #pictures;
  #layout = layoutOf({ count: 0, width: 0, size: 200, aspect: 9 / 16 });
  #waits = false;
  #drawn_of = []; // the data of the rows in the page
  #drawing = {}; // another one whenever that changes

  /**
   * @param {any} root scrolls @param {{store: Store<ReviewState>, commands: any, pictures: import("../../net/review/pictures.js").CellPictures}} deps
   */
  constructor(root, { store, commands, pictures }) {
    this.#root = root;
    this.#store = store;
    this.#pictures = pictures;
    root.append(this.#space);
    pictures.onReady = () => this.#soon();
    root.addEventListener("scroll", () => this.#soon(), { passive: true });
    new ResizeObserver(() => this.#soon()).observe(root);
    this.#listen(commands);
    store.watch(({ cells, shown, active, selected, filters, videos, playing }) => [cells, shown, active, selected, filters.size, videos, playing], () => this.#soon());
    store.watch(({ active, filters, loading }) => [active, filters, loading], () => requestAnimationFrame(() => this.#reveal()));
  }

  /** Columns, and rows to a page. */
  get shape() {
    return { columns: this.#layout.columns, page_rows: Math.max(1, Math.floor(this.#root.clientHeight / this.#layout.row_height)) };
  }

  /** Tell if the pictures of a cell are here. @param {Cell} cell */
  isReady(cell) {
    return this.#picturesOf(cell).every((picture) => this.#pictures.get(picture));
  }

  #listen(commands) {
    const idOf = (event) => event.target.closest("[data-cell]")?.dataset.cell;
    this.#root.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault()); // no text is selected
    this.#root.addEventListener("click", (event) => {
      const id = idOf(event);
      if (id) commands.chooseCell(id, { extend: event.shiftKey, toggle: event.ctrlKey || event.metaKey });
      this.#root.focus({ preventScroll: true });
    });
    this.#root.addEventListener("dblclick", (event) => idOf(event) && commands.openCell(idOf(event)));
  }

  #soon() {
    if (this.#waits) return;
    this.#waits = true;
    requestAnimationFrame(() => {
      this.#waits = false;
      this.#draw();
    });
  }

  #measure() {
    const { shown, videos, filters } = this.#store.state;
    const video = [...videos.values()].find(({ width }) => width > 0) ?? WIDE;
    const width = this.#space.clientWidth;
    this.#layout = layoutOf({ count: shown.length, width, size: filters.size, aspect: video.height / shownWidth(video) });
  }

  /** Scroll to the cell in focus if it is out of view. */
  #reveal() {
    const { shown, active } = this.#store.state;
    const at = active === null ? -1 : shown.indexOf(active);
    if (at < 0) return;
    this.#measure();
    this.#space.style.height = `${this.#layout.height}px`;
    const top = scrollTo(this.#layout, at, { top: this.#root.scrollTop, height: this.#root.clientHeight });
    if (top !== this.#root.scrollTop) this.#root.scrollTop = top;
  }

  #draw() {
    this.#measure();
    const { shown, active } = this.#store.state;
    const { columns, rows, height, row_height } = this.#layout;
    this.#space.style.height = `${height}px`;
    this.#noteChange();
    this.#root.setAttribute("aria-rowcount", String(rows));
    this.#root.setAttribute("aria-colcount", String(columns));
    const { first, end } = rowsInView(this.#layout, this.#root.scrollTop, this.#root.clientHeight);
    const lines = Array.from({ length: end - first }, (_, at) => first + at);
    follow(this.#space, lines, {
      key: (row) => row,
      make: () => el("div", { class: "cell-row", attrs: { role: "row" } }),
      update: (node, row) => {
        if (node.drawing === this.#drawing && node.is_whole) return; // only the place in view changed
        node.style.transform = `translateY(${row * row_height}px)`;
        node.setAttribute("aria-rowindex", String(row + 1));
        node.is_whole = this.#drawRow(node, shown.slice(row * columns, (row + 1) * columns));
        node.drawing = this.#drawing;
      },
    });
    const in_page = active !== null && document.getElementById(`cell-${active}`);
    if (in_page) this.#root.setAttribute("aria-activedescendant", in_page.id);
    else this.#root.removeAttribute("aria-activedescendant");
    this.#want(shown.slice(first * columns, end * columns));
  }

  /** Tell if rows are to be drawn anew: they are not while the grid is only scrolled. */
  #noteChange() {
    const { cells, shown, videos, active, selected, playing } = this.#store.state;
    const now = [cells, shown, videos, active, selected, playing, this.#layout.cell_width, this.#layout.columns, this.#layout.picture_height, devicePixelRatio];
    if (now.every((value, at) => value === this.#drawn_of[at])) return;
    this.#drawn_of = now;
    this.#drawing = {};
  }

  /** @returns {boolean} whether every picture is there */
  #drawRow(node, ids) {
    const { cells, videos, active, selected, playing } = this.#store.state;
    const { cell_width, cell_height, picture_height } = this.#layout;
    let column = -1;
    let is_whole = true;
    follow(node, ids, {
      key: (id) => id,
      make: makeCell,
      update: (cell_node, id) => {
        column += 1;
        const cell = cells.get(id);
        Object.assign(cell_node.style, { width: `${cell_width}px`, height: `${cell_height}px` });
        const canvas = cell_node.firstElementChild;
        canvas.style.height = `${picture_height}px`;
        updateCell(cell_node, { cell, video: videos.get(cell.video_id), active: id === active, selected: selected.has(id), column, playing: playing?.id === id });
        const shown = playing?.id === id ? playing.cells.get(playing.frame_idx) : cell;
        this.#paint(canvas, shown);
        is_whole &&= this.isReady(shown);
      },
    });
    return is_whole;
  }

  /** Paint a canvas only if what it shows has changed. */
  #paint(canvas, cell) {
    const { cell_width, picture_height } = this.#layout;
    const [frame, ...masks] = this.#picturesOf(cell);
    const colours = this.#coloursOf(cell);
    const here = masks.map((picture, at) => ({ bitmap: this.#pictures.get(picture), colour: colours[at] })).filter(({ bitmap }) => bitmap);
    const bitmap = this.#pictures.get(frame);
    const shows = [cell_width, picture_height, bitmap ? frame.name : "", ...(bitmap ? masks.filter((one) => this.#pictures.get(one)).map(({ name }) => name) : []), ...colours].join(" ");
    if (canvas.dataset.shows === shows) return;
    canvas.dataset.shows = shows;
    const size = { width: Math.round(cell_width * devicePixelRatio), height: Math.round(picture_height * devicePixelRatio) };
    drawCell(canvas, { frame: bitmap, masks: here }, size);
  }

  #picturesOf(cell) {
    const video = this.#store.state.videos.get(cell.video_id) ?? WIDE;
    const px = this.#layout.cell_width * devicePixelRatio;
    return [this.#pictures.frameOf(cell, video, px), ...this.#pictures.masksOf(cell, video, px)];
  }

  #coloursOf(cell) {
    const instances = this.#store.state.videos.get(cell.video_id)?.instances ?? [];
    return cell.masks
      .filter(({ rev, state }) => rev && state !== "missing")
      .map(({ instance_id }) => instances.find((listed) => listed.instance_id === instance_id)?.colour || NO_COLOUR);
  }

  #want(ids) {
    const { cells, playing } = this.#store.state;
    const wanted = [...(playing ? playing.cells.values() : []), ...ids.map((id) => cells.get(id))];
    this.#pictures.want(wanted.flatMap((cell) => this.#picturesOf(cell)));
  }
}
