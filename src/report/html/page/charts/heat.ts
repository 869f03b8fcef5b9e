import type uPlot from "uplot";
import type { ReportLoad } from "../../../../model/report-model.ts";
import type { Colours } from "../parts/colours.ts";

/** A cell that holds but one operation must be seen too. */
const FAINTEST = 0.18;

/** The heat map: darker where more operations took that long. */
export function heatUnder({ bucketMs, latency }: ReportLoad): (plot: uPlot, colours: Colours) => void {
  const { heat, edgesMs } = latency;
  const most = Math.max(1, ...heat.flatMap((cells) => cells.filter((_, index) => index % 2 === 1)));
  return (plot, colours) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = colours.heat;
    heat.forEach((cells, bucket) => {
      const left = plot.valToPos(bucket * bucketMs, "x", true);
      const right = plot.valToPos((bucket + 1) * bucketMs, "x", true);
      for (let at = 0; at < cells.length; at += 2) {
        const row = cells[at] ?? 0;
        const bottom = plot.valToPos(edgesMs[row] ?? 1, "y", true);
        const top = plot.valToPos(edgesMs[row + 1] ?? 1, "y", true);
        // By the logarithm: one slow operation among hundreds of fast ones is what one looks for.
        ctx.globalAlpha = FAINTEST + (1 - FAINTEST) * (Math.log1p(cells[at + 1] ?? 0) / Math.log1p(most));
        ctx.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top - 1));
      }
    });
    ctx.restore();
  };
}
