// Change one token of the page's core/ at a time and see whether its tests notice.
//
//   node tests/js/mutants.mjs [SAMPLE] [SEED]
//
// Stryker would bring some hundred packages for this; a table of tokens does. Changes are made in a
// copy. What no test notices is shown: either it changes nothing, or a test is missing.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const CORE = "static/js/core";
const BAR = 0.85;
const LIMIT_MS = 120_000;
const SWAPS = [
  [" === ", " !== "], [" !== ", " === "], [" < ", " <= "], [" <= ", " < "], [" > ", " >= "],
  [" >= ", " > "], [" + ", " - "], [" - ", " + "], [" * ", " / "], [" / ", " * "], [" % ", " * "],
  [" && ", " || "], [" || ", " && "], [" ?? ", " && "], ["true", "false"], ["false", "true"],
  ["Math.min(", "Math.max("], ["Math.max(", "Math.min("], ["Math.floor(", "Math.ceil("],
  [".some(", ".every("], [".every(", ".some("], ["if (", "if (!"], [" ? ", " ? !"], ["+ 1", "+ 2"],
  ["- 1", "- 2"], ["[0]", "[1]"], ["(0, ", "(1, "], ["return ", "return !"],
];

// A small generator with a seed (mulberry32), so that a sample can be drawn again.
function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function places(name) {
  const text = readFileSync(join(ROOT, CORE, name), "utf8");
  const found = [];
  let start = 0;
  for (const line of text.split("\n")) {
    const code = /^\s*(\/\/|\*|\/\*|import )/.test(line) ? "" : line.replace(/\/\/.*$/, "");
    for (const [from, to] of SWAPS)
      for (let at = code.indexOf(from); at >= 0; at = code.indexOf(from, at + 1))
        found.push({ name, line: text.slice(0, start).split("\n").length, at: start + at, from, to });
    start += line.length + 1;
  }
  return found;
}

function passes(copy) {
  const tests = readdirSync(join(copy, "tests/js")).filter((name) => /\.test\.m?js$/.test(name));
  const words = ["--test", "--test-reporter=dot", ...tests.map((name) => `tests/js/${name}`)];
  return spawnSync(process.execPath, words, { cwd: copy, timeout: LIMIT_MS }).status === 0;
}

const [sample = 40, seed = 1] = process.argv.slice(2).map(Number);
const random = dice(seed);
const all = readdirSync(join(ROOT, CORE), { recursive: true }).sort().filter((name) => name.endsWith(".js")).flatMap(places);
const drawn = Array.from({ length: Math.min(sample, all.length) }, () =>
  all.splice(Math.floor(random() * all.length), 1)[0]);
const copy = mkdtempSync(join(tmpdir(), "mutants-"));
let noticed = 0;
for (const folder of ["static", "templates", "tests/js", "sam2_session"])
  cpSync(join(ROOT, folder), join(copy, folder), { recursive: true });
try {
  if (!passes(copy)) throw new Error("The tests fail before anything is changed.");
  for (const { name, line, at, from, to } of drawn) {
    const path = join(copy, CORE, name);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.slice(0, at) + to + text.slice(at + from.length));
    const survived = passes(copy);
    writeFileSync(path, text);
    if (survived) console.log(`${CORE}/${name}:${line} ${from.trim()} -> ${to.trim()}\n  ${text.split("\n")[line - 1].trim()}`);
    else noticed += 1;
  }
} finally {
  rmSync(copy, { recursive: true });
}
console.log(`${noticed} of ${drawn.length} mutants were noticed, seed ${seed}`);
process.exitCode = noticed / drawn.length >= BAR ? 0 : 1;
