import { openLiveServer } from "../dashboard/server/server.ts";
import { followDrill } from "../live/follow.ts";
import { acceptedWords } from "../report/accepted-words.ts";
import { appWords } from "../report/app-words.ts";
import { painter, wantsColour } from "../report/terminal/colour.ts";
import type { FinishedRun, RecordedDrill } from "../run/run-scenario.ts";
import { interruptible } from "./interrupt.ts";
import { aborted } from "./play.ts";

/** The page of `run --ui`. */
export interface Follower {
  /** Shows the drill that begins, in place of the one before. */
  readonly follow: (drill: RecordedDrill) => void;
  /** @param drawn there is a report to be opened */
  ended(run: FinishedRun, drawn: boolean): void;
  /** Resolves at Ctrl-C: until then one may look at what happened. */
  stay(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the page and says where it is, on standard error: a document may be on standard output. */
export async function openFollower(): Promise<Follower> {
  const server = await openLiveServer();
  const paint = painter(wantsColour(process.stderr));
  process.stderr.write(`${paint.good("live")}  ${paint.strong(server.url)}\n`);
  let shown: ReturnType<typeof followDrill> | undefined;
  return {
    follow: (drill) => {
      shown = followDrill(drill);
      server.show(shown.source, shown.control);
    },
    ended: ({ folder, result }, drawn) => {
      if (drawn) server.addReport(folder.id, folder.report);
      const bad = result.checks.filter(({ verdict }) => verdict !== "pass").map(({ name }) => name);
      const words = appWords(result);
      const verdict = `${result.verdict.toUpperCase()}${words === "" ? "" : ` ${words}`}${acceptedWords(result)}`;
      const text = `${verdict}${bad.length > 0 ? `: ${bad.join(", ")}` : ""}`;
      shown?.end(result.verdict, text, drawn ? `report/${folder.id}` : null);
    },
    stay: () => {
      process.stderr.write("The page stays until Ctrl-C.\n");
      return interruptible(aborted);
    },
    close: () => server.close(),
  };
}
