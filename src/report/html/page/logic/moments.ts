import type { Picture, PictureFailover, PictureFault } from "../../../../model/picture.ts";
import type { Range } from "../view.ts";

/** A moment that a reader may want to jump to. */
export interface Moment {
  readonly atMs: number;
  readonly label: string;
}

const MARGIN_MS = 1000;

/** The whole run, and the surroundings of each fault. */
export function rangesOf(picture: Picture): (Range & { readonly label: string })[] {
  const whole = { label: "whole run", fromMs: 0, toMs: Math.max(1, picture.durationMs) };
  const around = picture.faults.map((fault) => ({
    label: `around ${fault.label}`,
    fromMs: Math.max(0, fault.injectMs - MARGIN_MS),
    toMs: Math.min(whole.toMs, outageEnd(picture, fault) + MARGIN_MS),
  }));
  return [whole, ...around.filter(({ fromMs, toMs }) => toMs > fromMs)];
}

/** Faults, phases and healings, in order. */
export function momentsOf(picture: Picture): Moment[] {
  const phases = picture.failovers.flatMap(({ fault, phases }) => {
    const injectMs = faultOf(picture, fault)?.injectMs ?? 0;
    return phases
      .filter(({ atMs }) => atMs > 0)
      .map(({ name, atMs }) => ({ atMs: injectMs + atMs, label: name }));
  });
  const faults = picture.faults.map(({ injectMs, label }) => ({ atMs: injectMs, label }));
  return [...faults, ...phases].toSorted((a, b) => a.atMs - b.atMs);
}

/** Three moments that tell the story: before the first loss of a primary (or the first fault), while it hurt, and at the end. */
export function beforeDuringAfter(picture: Picture): Moment[] {
  const [failover] = picture.failovers;
  const fault = failover ? faultOf(picture, failover.fault) : picture.faults[0];
  if (fault === undefined) return [{ atMs: picture.durationMs, label: "at the end" }];
  const promotedMs = failover?.promoted[0]?.atMs;
  const hurtMs = promotedMs === undefined ? outageEnd(picture, fault) : promotedMs;
  return [
    { atMs: Math.max(0, fault.injectMs - 1), label: "before" },
    { atMs: fault.injectMs + (hurtMs - fault.injectMs) * 0.9, label: "during" },
    { atMs: picture.durationMs, label: "after" },
  ];
}

export function faultOf(picture: Pick<Picture, "faults">, id: number): PictureFault | undefined {
  return picture.faults.find((fault) => fault.id === id);
}

/** When all that the fault led to for users was over; the run's end, if that never was. */
function outageEnd(picture: Picture, fault: PictureFault): number {
  const failover = picture.failovers.find((one) => one.fault === fault.id);
  const ends = failover ? stretchesOf(failover).map(({ toMs }) => toMs) : [];
  return ends.length > 0 ? Math.max(fault.injectMs, ...ends) : (fault.healedMs ?? picture.durationMs);
}

function stretchesOf({ outages }: PictureFailover) {
  return outages.flatMap(({ stretches }) => stretches);
}
