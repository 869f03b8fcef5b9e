import type { Facts } from "../check/facts.ts";
import type { ReportLine } from "../model/report-model.ts";
import { lifeText } from "./app.ts";
import { ms } from "./time.ts";

/**
 * What an application wrote, as far as it matters, and what became of its instances and of probes that are sent once;
 * each line is from its instance.
 */
export function appLines(facts: Facts): ReportLine[] {
  const life = facts
    .observations("app")
    .flatMap((one): ReportLine[] => [
      [ms(one.at), one.instance, ">", lifeText(one)],
      ...(one.event === "exited" ? (one.lastLines ?? []) : []).map(
        (text): ReportLine => [ms(one.at), one.instance, "*", text],
      ),
    ]);
  const written = facts
    .observations("app-line")
    .map(({ at, instance, text, why }): ReportLine => [ms(at), instance, why === "error" ? "*" : "#", text]);
  const once = facts
    .observations("app-probe")
    .filter(({ ok, when }) => !ok || when === "before")
    .map(
      ({ at, probe, when, ok, seen }): ReportLine => [
        ms(at),
        "probes",
        ">",
        `${probe} (${when}) ${ok ? "ok" : "not ok"}: ${seen}`,
      ],
    );
  return [...life, ...written, ...once];
}
