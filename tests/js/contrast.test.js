import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { rgb } from "../../static/js/core/colour.js";

const CSS = readFileSync(new URL("../../static/css/tokens.css", import.meta.url), "utf8");
const TOKENS = Object.fromEntries(
  [...CSS.matchAll(/--([a-z-]+): light-dark\((#[0-9a-f]{6})[0-9a-f]*, (#[0-9a-f]{6})[0-9a-f]*\)/g)].map(
    ([, name, light, dark]) => [name, { light, dark }],
  ),
);
const SURFACES = ["bg", "panel", "raised", "hover", "glass"];
const TEXT_LEAST = 4.5; // WCAG 2.2, 1.4.3
const PART_LEAST = 3; // WCAG 2.2, 1.4.11: focus rings, borders of fields

function luminance(colour) {
  const [r, g, b] = rgb(colour).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(colour, other) {
  const [low, high] = [luminance(colour), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function tooWeak(pairs, least) {
  return ["light", "dark"].flatMap((theme) =>
    pairs
      .map(([front, back]) => ({ front, back, ratio: contrast(TOKENS[front][theme], TOKENS[back][theme]) }))
      .filter(({ ratio }) => ratio < least)
      .map(({ front, back, ratio }) => `${theme}: ${front} on ${back} ${ratio.toFixed(2)}`),
  );
}

test("words can be read on every surface, in both themes", () => {
  const words = ["text", "dim", "faint", "warn", "bad"];
  const pairs = words.flatMap((word) => SURFACES.map((surface) => [word, surface]));

  assert.deepEqual(tooWeak(pairs, TEXT_LEAST), []);
});

test("words on the accent can be read", () => {
  assert.deepEqual(tooWeak([["accent-text", "accent"], ["accent-soft-text", "accent-soft"]], TEXT_LEAST), []);
  assert.deepEqual(tooWeak([["text", "accent-soft"], ["dim", "accent-soft"], ["text", "lane-active"]], TEXT_LEAST), []);
});

test("focus rings and marks stand out", () => {
  const pairs = ["accent", "ok"].flatMap((part) => ["bg", "panel", "raised"].map((surface) => [part, surface]));

  assert.deepEqual(tooWeak([...pairs, ["diamond", "panel"]], PART_LEAST), []);
});
