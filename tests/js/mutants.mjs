// Change one token of the page's core/ at a time and see whether its tests notice.
//
//   node tests/js/mutants.mjs [SAMPLE] [SEED]
//
// Stryker would bring some hundred packages for this; a table of tokens does. Changes are made in a
// copy; the test files that import the module run, the nearest first. A change that none of them
// notices is shown: either it changes nothing, or a test is missing.

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const CORE = "static/js/core";
const BAR = 0.85;
const PATIENCE_MS = 20_000; // and five times as long as the unchanged program takes
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

/** The modules of the page that a file imports, by their paths in the copy. */
const importsOf = (path) =>
  [...readFileSync(path, "utf8").matchAll(/\bfrom\s*"(\.[^"]+)"/g)].map(([, name]) => join(dirname(path), name));

/** Count the imports that lead from each module to a file; the file itself is left out. */
function distancesFrom(path) {
  const found = new Map();
  let edge = importsOf(path);
  for (let distance = 1; edge.length; distance += 1) {
    edge = [...new Set(edge)].filter((name) => !found.has(name));
    for (const name of edge) found.set(name, distance);
    edge = edge.flatMap(importsOf);
  }
  return found;
}

/** The test files that reach a module, the nearest first. */
const testsOf = (module, tests) =>
  tests.filter(({ distances }) => distances.has(module)).sort((one, other) => one.distances.get(module) - other.distances.get(module));

/** Run one test file, and end with its last test, whatever it left behind. */
const passes = ({ path }, limit_ms) =>
  spawnSync(process.execPath, ["--test-force-exit", "--test-reporter=dot", path], { timeout: limit_ms }).status === 0;

/** Run the test files of a copy unchanged: the time to allow each when something is changed. */
function readTests(copy) {
  const paths = readdirSync(join(copy, "tests/js")).filter((name) => name.endsWith(".test.js")).map((name) => join(copy, "tests/js", name));
  return paths.map((path) => {
    const began_ms = performance.now();
    if (!passes({ path })) throw new Error(`${path} fails before anything is changed.`);
    return { path, distances: distancesFrom(path), limit_ms: Math.ceil(PATIENCE_MS + 5 * (performance.now() - began_ms)) };
  });
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
  const tests = readTests(copy);
  for (const { name, line, at, from, to } of drawn) {
    const path = join(copy, CORE, name);
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.slice(0, at) + to + text.slice(at + from.length));
    const survived = testsOf(path, tests).every((test) => passes(test, test.limit_ms));
    writeFileSync(path, text);
    if (survived) console.log(`${CORE}/${name}:${line} ${from.trim()} -> ${to.trim()}\n  ${text.split("\n")[line - 1].trim()}`);
    else noticed += 1;
  }
} finally {
  rmSync(copy, { recursive: true });
}
console.log(`${noticed} of ${drawn.length} mutants were noticed, seed ${seed}`);
process.exitCode = noticed / drawn.length >= BAR ? 0 : 1;
