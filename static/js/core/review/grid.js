/** Lays cells out in the grid: only the rows in view are ever in the page. */

const CAPTION_PX = 40;
export const GAP_PX = 8;
const SPARE_ROWS = 2; // above and below what is in view

/** @typedef {{columns: number, cell_width: number, cell_height: number, picture_height: number, row_height: number, rows: number, height: number}} Layout */

/**
 * @param {{count: number, width: number, size: number, aspect: number}} what  width of the grid and wanted width of a cell, CSS px;
 *   aspect: height of a frame by its width @returns {Layout}
 */
export function layoutOf({ count, width, size, aspect }) {
  const columns = Math.max(1, Math.floor((width + GAP_PX) / (size + GAP_PX)));
  const cell_width = Math.max(40, Math.floor((width - (columns - 1) * GAP_PX) / columns));
  const picture_height = Math.max(24, Math.round(cell_width * aspect));
  const cell_height = picture_height + CAPTION_PX;
  const row_height = cell_height + GAP_PX;
  const rows = Math.ceil(count / columns);
  return { columns, cell_width, cell_height, picture_height, row_height, rows, height: Math.max(0, rows * row_height - GAP_PX) };
}

/** The rows to hold in the page, last one excluded. @param {Layout} layout @param {number} top scrolled, CSS px @param {number} height in view */
export function rowsInView({ row_height, rows }, top, height) {
  const first = Math.max(0, Math.floor(top / row_height) - SPARE_ROWS);
  const end = Math.min(rows, Math.ceil((top + height) / row_height) + SPARE_ROWS);
  return { first: Math.min(first, end), end };
}

/** Return how far to scroll so that a cell is in view; where it is already, as far as now. @param {Layout} layout @param {number} at of the cell @param {{top: number, height: number}} view */
export function scrollTo({ columns, row_height, cell_height }, at, { top, height }) {
  const above = Math.floor(at / columns) * row_height;
  if (above < top) return above;
  return above + cell_height > top + height ? above + cell_height - height : top;
}

/** The place that a key leads to, within the grid. @param {number} at @param {string} way @param {{columns: number, count: number, page_rows: number}} grid */
export function stepTo(at, way, { columns, count, page_rows }) {
  const last = count - 1;
  const inGrid = (place) => (place < 0 || place > last ? at : place);
  switch (way) {
    case "left": return inGrid(at - 1);
    case "right": return inGrid(at + 1);
    case "up": return inGrid(at - columns);
    case "down": return at + columns > last && Math.floor(at / columns) < Math.floor(last / columns) ? last : inGrid(at + columns);
    case "page_up": return Math.max(at % columns, at - columns * page_rows);
    case "page_down": return Math.min(last, at + columns * page_rows);
    case "first": return 0;
    default: return last;
  }
}
