/** The grid of a review holds only the rows in view, however many cells there are. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { layoutOf, rowsInView, scrollTo, stepTo } from "../../static/js/core/review/grid.js";

const layout = layoutOf({ count: 5000, width: 1264, size: 200, aspect: 9 / 16 });

test("as many columns as fit, and rows for all cells", () => {
  assert.equal(layout.columns, 6);
  assert.equal(layout.rows, 834);
  assert.equal(layout.columns * layout.cell_width + 5 * 8 <= 1264, true);
  assert.equal(layout.height, 834 * layout.row_height - 8);
});

test("of 5 000 cells a few rows are in the page, wherever the grid is scrolled to", () => {
  for (const top of [0, 1, 40_000, layout.height - 600, layout.height + 9999]) {
    const { first, end } = rowsInView(layout, top, 600);
    assert.equal((end - first) * layout.columns <= 60, true, `${(end - first) * layout.columns} cells at ${top}`);
    assert.equal(end <= layout.rows && first >= 0 && first <= end, true);
  }
  const { first, end } = rowsInView(layout, 40_000, 600);
  assert.equal(first * layout.row_height <= 40_000 && end * layout.row_height >= 40_600, true);
});

test("a cell out of view is scrolled to, one in view is left where it is", () => {
  const view = { top: 1000, height: 600 };
  assert.equal(scrollTo(layout, 0, view), 0);
  assert.equal(scrollTo(layout, 6 * 7, view), 1000);
  const below = scrollTo(layout, 4999, view);
  assert.equal(below + 600, layout.height);
});

test("arrows stay in the grid; down from the last row but one comes to the last cell", () => {
  const grid = { columns: 6, count: 20, page_rows: 2 };
  assert.equal(stepTo(0, "left", grid), 0);
  assert.equal(stepTo(5, "right", grid), 6);
  assert.equal(stepTo(2, "up", grid), 2);
  assert.equal(stepTo(17, "down", grid), 19);
  assert.equal(stepTo(19, "down", grid), 19);
  assert.equal(stepTo(13, "page_up", grid), 1);
  assert.equal(stepTo(3, "page_down", grid), 15);
  assert.deepEqual([stepTo(7, "first", grid), stepTo(7, "last", grid)], [0, 19]);
});
