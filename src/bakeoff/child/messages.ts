import type { ApplicationTarget, ProfileName } from "../../libraries/application.ts";
import type { StallData } from "../../model/observed.ts";

/** Which settings an app client has: one of its library's own profiles, or those of a user's file. */
export type ProfileRef =
  | { readonly name: ProfileName }
  | { readonly name: string; readonly options: Readonly<Record<string, unknown>> }
  | { readonly name: string; readonly module: string };

/** What is called, and how often. Rates are fixed: no call waits for another. */
export interface Rates {
  /** Lists to be pushed to and read, in turn. */
  readonly keys: readonly string[];
  readonly writesPerSecond: number;
  readonly readsPerSecond: number;
}

/** First line on standard input of the app client's process. Lines after it are `Ask`s. */
export interface Orders {
  /** Name of a library in the registry. */
  readonly library: string;
  /** Path of a module whose `libraries` are to be used in place of the registry's. */
  readonly module?: string;
  readonly profile: ProfileRef;
  readonly target: ApplicationTarget;
  /** What names under `.drill.test` mean at first (`names.ts`); absent: there are none. */
  readonly names?: Readonly<Record<string, string>>;
  /** `process.hrtime` at which the run's clock was 0: the same origin in all processes of a machine. */
  readonly clockOrigin: string;
  readonly rates: Rates;
  /** Beside the probe: everything else that a library offers, one call of each at a time. */
  readonly features: boolean;
}

/** `stop`: no more calls; `end`: close, and end the process; `name NAME ADDRESS`: the name means that from now on. */
export type Ask = "stop" | "end" | `name ${string} ${string}`;

/** One line on descriptor 3 of the app client's process, written at once. `at` in ns on the run's clock. */
export type Said = { readonly at: number } & (
  | { readonly say: "opened"; readonly tookMs: number }
  | { readonly say: "failed"; readonly message: string; readonly code?: string; readonly hint?: string }
  | {
      readonly say: "invoke";
      readonly op: number;
      readonly f: string;
      readonly key: string;
      readonly value?: string;
      /** How long after it was due it was made. */
      readonly lateMs: number;
    }
  | { readonly say: "ok"; readonly op: number; readonly value?: string }
  | {
      readonly say: "error";
      readonly op: number;
      readonly name: string;
      readonly code?: string;
      readonly message: string;
    }
  | {
      readonly say: "sample";
      readonly rssBytes: number;
      readonly heapBytes: number;
      /** Processor time since the start of the process. */
      readonly cpuUs: number;
      /** Longest that the loop stood still since the sample before. */
      readonly blockedMs: number;
    }
  /** The process did nothing for a while. `busy`: the library's own doing; else it got no processor. */
  | { readonly say: "stall"; readonly stall: StallData }
  | { readonly say: "connection"; readonly event: string; readonly address?: string }
  | { readonly say: "client-error"; readonly message: string }
  | { readonly say: "uncaught"; readonly origin: string; readonly message: string }
  /** A message of the subscription came in. */
  | { readonly say: "message"; readonly value: string }
  /** A pool of so many connections is open, and what it is. */
  | { readonly say: "pool"; readonly how: string; readonly size: number }
  /** No more calls are made. */
  | { readonly say: "stopped" }
  | { readonly say: "closed" }
);

/** A line without its time, which is added where it is written. */
export type Saying = Said extends infer One ? (One extends Said ? Omit<One, "at"> : never) : never;
