/** Flags of a run: a line along the foot of the lane, and a sign of its own where it begins. */

const FOOT_PX = 3;
const MIDDLE = 9; // px below the top of the lane

const SIGNS = {
  lost: (context, { run, scale, colours, height }) => {
    paintFoot(context, { run, scale, colour: colours.bad, height });
    context.beginPath();
    context.arc(scale.x(run.start + 0.5), MIDDLE, 3.5, 0, 2 * Math.PI);
    paintSign(context, { ground: colours.track, edge: colours.bad });
  },
  swallow: (context, { run, scale, colours, height }) => {
    paintFoot(context, { run, scale, colour: colours.bad, height });
    const x = scale.x(run.start + 0.5);
    context.beginPath();
    context.moveTo(x, MIDDLE - 6);
    context.lineTo(x + 5, MIDDLE + 4);
    context.lineTo(x - 5, MIDDLE + 4);
    context.closePath();
    paintSign(context, { ground: colours.bad, edge: colours.diamondEdge });
  },
  scene_cut: (context, { run, scale, colours, height }) => {
    context.fillStyle = colours.diamondEdge;
    context.fillRect(scale.x(run.start) - 2, 0, 4, height);
    context.fillStyle = colours.text;
    context.fillRect(scale.x(run.start) - 1, 0, 2, height);
  },
};

/** @param {CanvasRenderingContext2D} context with the lane's top at 0 @param {any} flagged {run, scale, colours, height} */
export const paintFlag = (context, flagged) => SIGNS[flagged.run.flag]?.(context, flagged);

function paintFoot(context, { run, scale, colour, height }) {
  const x = scale.x(run.start);
  context.fillStyle = colour;
  context.fillRect(x, height - FOOT_PX, Math.max(2, scale.x(run.end + 1) - x), FOOT_PX);
}

function paintSign(context, { ground, edge }) {
  context.fillStyle = ground;
  context.fill();
  context.lineWidth = 1.6;
  context.strokeStyle = edge;
  context.stroke();
}
