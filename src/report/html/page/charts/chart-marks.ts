import type uPlot from "uplot";
import type { ReportModel } from "../../../../model/report-model.ts";
import type { Colours } from "../parts/colours.ts";

const HATCH = 7;

/**
 * The times in which a fault was in force, as hatched ground with a line at the injection; and those in which the tool itself stood still, as a
 * plain band.
 */
export function shadeFaults(
  plot: uPlot,
  { faults, durationMs, stalls = [] }: Pick<ReportModel, "faults" | "durationMs" | "stalls">,
  colours: Colours,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colours.doubt;
  ctx.globalAlpha = 0.22;
  for (const { fromMs, toMs } of stalls) {
    const from = plot.valToPos(fromMs, "x", true);
    ctx.fillRect(from, bbox.top, Math.max(1, plot.valToPos(toMs, "x", true) - from), bbox.height);
  }
  for (const { injectMs, healedMs = durationMs } of faults) {
    const from = plot.valToPos(injectMs, "x", true);
    const to = plot.valToPos(healedMs, "x", true);
    hatch(
      ctx,
      Math.max(bbox.left, from),
      bbox.top,
      Math.min(to, bbox.left + bbox.width),
      bbox.height,
      colours.bad,
    );
    ctx.globalAlpha = 0.9;
    ctx.fillStyle = colours.bad;
    ctx.fillRect(from, bbox.top, 1.5, bbox.height);
  }
  ctx.restore();
}

function hatch(
  ctx: CanvasRenderingContext2D,
  from: number,
  top: number,
  to: number,
  height: number,
  colour: string,
): void {
  if (to <= from) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(from, top, to - from, height);
  ctx.clip();
  ctx.globalAlpha = 0.07;
  ctx.fillStyle = colour;
  ctx.fillRect(from, top, to - from, height);
  ctx.globalAlpha = 0.18;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let x = from - height; x < to; x += HATCH * devicePixelRatio) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** The moment that is looked at. */
export function drawMoment(plot: uPlot, atMs: number, colours: Colours): void {
  const { ctx, bbox } = plot;
  const x = plot.valToPos(atMs, "x", true);
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.save();
  ctx.fillStyle = colours.strong;
  ctx.fillRect(x - 0.75, bbox.top, 1.5, bbox.height);
  ctx.restore();
}
