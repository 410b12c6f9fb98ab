import assert from "node:assert/strict";
import { test } from "node:test";

import { Fingers } from "../../static/js/input/fingers.js";

const press = (x, y) => ({ at: [x, y], point: [x, y], button: 0 });

/** Fingers on a stage where a drag that begins left of 100 is the tool's. */
function touching({ holds = true } = {}) {
  const did = [];
  const say = (word) => (given) => did.push(given?.at ? `${word} ${given.at.join()}${given.button === 2 ? " right" : ""}` : word);
  const fingers = new Fingers({
    grabs: ({ at }) => at[0] < 100,
    holds: () => holds,
    begin: say("begin"),
    move: say("move"),
    release: say("release"),
    cancel: say("cancel"),
    pan: (dx, dy) => did.push(`pan ${dx},${dy}`),
    zoom: (at, factor) => did.push(`zoom ${at.join()} ${factor}`),
  });
  return { fingers, did };
}

test("a tap acts when the finger is lifted, where it was put down", () => {
  const { fingers, did } = touching();
  fingers.down(1, press(200, 50));
  fingers.move(1, press(204, 53));
  assert.deepEqual(did, []);
  fingers.up(1, press(204, 53));

  assert.deepEqual(did, ["begin 200,50", "release 200,50"]);
});

test("a long press is the right button, once, and its end is nothing", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { fingers, did } = touching();
  fingers.down(1, press(200, 50));
  context.mock.timers.tick(499);
  assert.deepEqual(did, []);
  context.mock.timers.tick(1);
  fingers.move(1, press(240, 50));
  fingers.up(1, press(240, 50));

  assert.deepEqual(did, ["begin 200,50 right", "release 200,50 right"]);
});

test("with a tool that has no right button a finger may rest before it draws", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { fingers, did } = touching({ holds: false });
  fingers.down(1, press(50, 50));
  context.mock.timers.tick(5000);
  fingers.move(1, press(70, 50));
  fingers.up(1, press(71, 50));

  assert.deepEqual(did, ["begin 50,50", "move 70,50", "release 71,50"]);
});

test("a drag beside what the tool can take pans", () => {
  const { fingers, did } = touching();
  fingers.down(1, press(200, 50));
  fingers.move(1, press(220, 60));
  fingers.move(1, press(221, 60));
  fingers.up(1, press(221, 60));

  assert.deepEqual(did, ["pan 20,10", "pan 1,0"]);
});

test("two fingers zoom about their middle and pan with it, and click nowhere", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { fingers, did } = touching();
  fingers.down(1, press(200, 100));
  fingers.down(2, press(240, 100));
  fingers.move(2, press(280, 100));
  context.mock.timers.tick(5000);
  fingers.up(1, press(200, 100));
  fingers.move(2, press(400, 100));
  fingers.up(2, press(400, 100));

  assert.deepEqual(did, ["pan 20,0", "zoom 240,100 2"]);
});

test("a second finger takes back what the first had begun", () => {
  const { fingers, did } = touching();
  fingers.down(1, press(50, 50));
  fingers.move(1, press(80, 50));
  fingers.down(2, press(300, 50));
  fingers.up(2, press(300, 50));
  fingers.up(1, press(80, 50));

  assert.deepEqual(did, ["begin 50,50", "move 80,50", "cancel"]);
});

test("a finger that the system takes away did nothing, and the next one works", () => {
  const { fingers, did } = touching();
  fingers.down(1, press(50, 50));
  fingers.move(1, press(80, 50));
  fingers.cancel(1);
  fingers.up(7, press(1, 1));
  assert.deepEqual([did.splice(0), fingers.busy], [["begin 50,50", "move 80,50", "cancel"], false]);
  fingers.down(2, press(60, 60));
  fingers.up(2, press(60, 60));

  assert.deepEqual(did, ["begin 60,60", "release 60,60"]);
});
