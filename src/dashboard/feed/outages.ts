import type { HistoryEvent } from "../../model/event.ts";
import type { LiveOutage, LiveWatch } from "../../model/live.ts";
import type { ShardPlan } from "../../model/plan.ts";
import type { OutageInterval } from "../../service/outage-interval.ts";
import { Service, streamText } from "../../service/service.ts";
import type { StreamName } from "../../service/stream.ts";
import { Latest } from "./latest.ts";

const KEPT = 500;

/** Takes a line for the event log, and the moment at which it stands. */
export type TellOutage = (atMs: number, text: string) => void;

/** The outages of a session while they last, by the definition that the checkers have: what is shown here is what they will find. */
export class LiveOutages {
  readonly #service: Service;
  readonly #tell: TellOutage;
  readonly #outages = new Latest<LiveOutage>(KEPT);
  readonly #watched = new Latest<LiveWatch>(KEPT);

  constructor(shards: readonly ShardPlan[], tell: TellOutage) {
    this.#service = new Service(shards, (name, outage) => this.#over(name, outage));
    this.#tell = tell;
  }

  take(event: HistoryEvent): void {
    this.#service.take(event);
    if (event.type === "end") this.look(event.at / 1e6);
  }

  look(nowMs: number): void {
    this.#service.look(nowMs * 1e6);
    for (const { name, current, watched } of this.#service.streams) {
      if (current) this.#goesOn(name, current);
      for (const { from, to } of watched)
        this.#watched.put(idOf(name, from), { ...name, fromMs: from / 1e6, ...until(to) });
    }
  }

  fresh() {
    return { outages: this.#outages.fresh(), watched: this.#watched.fresh() };
  }

  all() {
    return { outages: this.#outages.all(), watched: this.#watched.all() };
  }

  #goesOn(name: StreamName, outage: OutageInterval): void {
    const { startAt, endAt, seeminglyEndAt = endAt } = outage;
    this.#begun(name, outage);
    const seemingly = seeminglyEndAt !== undefined && { seeminglyToMs: seeminglyEndAt / 1e6 };
    this.#outages.put(idOf(name, startAt), { ...name, fromMs: startAt / 1e6, ...seemingly });
  }

  #over(name: StreamName, outage: OutageInterval): void {
    const { startAt, endAt, seenUntil } = outage;
    this.#begun(name, outage);
    const [fromMs, toMs] = [startAt / 1e6, (endAt ?? seenUntil) / 1e6];
    const isSeen = endAt !== undefined;
    this.#outages.put(idOf(name, startAt), { ...name, fromMs, toMs, ...(!isSeen && { endUnseen: true }) });
    const text = isSeen
      ? `succeed again, after ${seconds(toMs - fromMs)}`
      : "are sent no more: nobody saw their outage end";
    this.#tell(toMs, `${streamText(name)} ${text}`);
  }

  #begun(name: StreamName, { startAt, startUnseen, firstBadAt }: OutageInterval): void {
    if (this.#outages.has(idOf(name, startAt))) return;
    const since = startUnseen
      ? "none has succeeded yet"
      : `the last that succeeded: ${seconds(startAt / 1e6)}`;
    this.#tell(firstBadAt / 1e6, `${streamText(name)} are out; ${since}`);
  }
}

function idOf({ kind, shard }: StreamName, from: number): string {
  return `${kind} ${shard} ${from}`;
}

function until(to: number | undefined): { toMs?: number } {
  return to === undefined ? {} : { toMs: to / 1e6 };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
