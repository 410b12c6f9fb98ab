import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { rgb, shade } from "../../static/js/core/colour.js";
import { hexOf, labOfLinear, linearOf, oklch } from "../../static/js/core/oklch.js";

const SOURCE = readFileSync(new URL("../../sam2_session/storage/instance_rows.py", import.meta.url), "utf8");
const PALETTE = /PALETTE = \(([^)]*)\)/.exec(SOURCE)[1].match(/#[0-9a-f]{6}/g);
const REGIONS = [0, 1, 2, 3];
// Linear light as seen by people who lack a kind of cone (Machado and others, 2009).
const SIGHTS = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  no_red: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  no_green: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  no_blue: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

/** A step of 0.02 is about as small as one sees side by side. */
function distance(colour, other, sight = SIGHTS.all) {
  const [a, b] = [colour, other].map((colour) => {
    const light = linearOf(rgb(colour));
    return labOfLinear(sight.map((row) => Math.max(0, row.reduce((sum, share, i) => sum + share * light[i], 0))));
  });
  return Math.hypot(...a.map((value, i) => value - b[i]));
}

const closest = (colours, sight) =>
  Math.min(...colours.flatMap((colour, at) => colours.slice(at + 1).map((other) => distance(colour, other, sight))));

/** Least distance among the first so many, for people who see all colours and for those who do not. */
const APART = { 8: [0.09, 0.09], 16: [0.06, 0.06], 32: [0.06, 0.036], 64: [0.05, 0.028] };

test("sixty-four instances have different colours, to colour-blind people too", () => {
  assert.equal(new Set(PALETTE).size, 64);
  for (const [count, [to_most, to_others]] of Object.entries(APART)) {
    for (const [name, sight] of Object.entries(SIGHTS)) {
      const found = closest(PALETTE.slice(0, count), sight);
      assert.ok(found > (name === "all" ? to_most : to_others), `${count}, ${name}: ${found}`);
    }
  }
});

test("the regions of an instance have clearly different shades, to colour-blind people too", () => {
  for (const colour of PALETTE) {
    for (const sight of [SIGHTS.all, SIGHTS.no_red, SIGHTS.no_green]) {
      assert.ok(closest(REGIONS.map((at) => shade(colour, at)), sight) > 0.1, colour);
    }
  }
});

test("the regions of the first instances are not taken for each other", () => {
  const all = PALETTE.slice(0, 4).flatMap((colour) => REGIONS.map((at) => shade(colour, at)));

  assert.ok(closest(all) > 0.07, `${closest(all)}`);
});

test("more regions than that still differ, and the first has the instance's own colour", () => {
  for (const colour of PALETTE) {
    const shades = Array.from({ length: 8 }, (_, at) => shade(colour, at));
    assert.ok(closest(shades) > 0.03, `${colour} ${closest(shades)}`);
    assert.equal(shades[0], colour);
  }
});

test("a colour's lightness, chroma and hue make the same colour again", () => {
  for (const colour of [...PALETTE, "#ffffff", "#000000", "#808080"]) {
    assert.deepEqual(rgb(hexOf(oklch(rgb(colour)))), rgb(colour));
  }
});
