/*
 * The process of one app client: it has nothing else to do, so what the library does to it (a crash, a loop that stands
 * still, memory) is the library's doing. It ends when told to, or when whoever started it is gone.
 *
 *   stdin: orders, then asks ─▶ open ─▶ calls ─▶ descriptor 3: one JSON line for each thing, at once
 */
import { createInterface } from "node:readline";
import { type Look, waitFor } from "../../base/wait.ts";
import type { AppClient, OpenOptions } from "../../libraries/application.ts";
import type { ClientLibrary } from "../../libraries/library.ts";
import { optionsOf } from "../../libraries/profile-options.ts";
import { LIBRARIES } from "../../libraries/registry.ts";
import { type OwnProfiles, ownOptionsOf } from "../own-profiles.ts";
import { startFeatures } from "./features.ts";
import { messageWriter, type SendMessage } from "./message-writer.ts";
import type { Ask, Orders } from "./messages.ts";
import { answerOurNames } from "./names.ts";
import { startSamples } from "./samples.ts";
import { startSteadyCalls } from "./steady-calls.ts";

/**
 * Calls that are under way may end by themselves before the client is closed, which would end them with errors of its
 * own.
 */
const DRAIN_MS = 500;
/** A library that cannot close its connections in this time does not hold up the end. */
const CLOSE_MS = 500;

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {}); // meant for the drill

let send: SendMessage | undefined;
let appClient: AppClient | undefined;
let stop = () => {};
const names = new Map<string, string>();
/** Calls that have not ended. */
let open = 0;

// Only told: what happens then is what would happen to an application.
process.on("uncaughtExceptionMonitor", (error, origin) =>
  send?.({ say: "uncaught", origin, message: textOf(error) }),
);

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => void begin(JSON.parse(line) as Orders));
lines.on("line", (line) => {
  if (line === ("stop" satisfies Ask)) stop();
  if (line === ("end" satisfies Ask)) void end();
  const [, name, address] = /^name (\S+) (\S+)$/.exec(line) ?? [];
  if (name && address) names.set(name, address);
});
lines.on("close", () => process.exit(1)); // nobody is there any more

async function begin(orders: Orders): Promise<void> {
  send = counting(messageWriter(BigInt(orders.clockOrigin)));
  startSamples(send, BigInt(orders.clockOrigin));
  if (orders.names) {
    for (const [name, address] of Object.entries(orders.names)) names.set(name, address);
    answerOurNames(names);
  }
  try {
    const began = performance.now();
    const library = await libraryOf(orders);
    appClient = await library.open(await openOptions(library, orders));
    // The first answer shows that it can be used; before that, nothing would be learned from its errors.
    await appClient.call(["LLEN", orders.rates.keys[0] as string]);
    send({ say: "opened", tookMs: performance.now() - began });
  } catch (error) {
    const { code, hint } = error as { code?: string; hint?: string };
    send({ say: "failed", message: textOf(error), code, hint });
    return;
  }
  const calls = startSteadyCalls(appClient, orders.rates, send);
  const features = orders.features
    ? startFeatures(appClient, orders.rates.keys[0] as string, send, calls.nextOp)
    : () => {};
  stop = () => {
    calls.stop();
    features();
    send?.({ say: "stopped" });
  };
}

async function libraryOf({ library: name, module }: Orders): Promise<ClientLibrary> {
  const { libraries } = module
    ? ((await import(module)) as { libraries: readonly ClientLibrary[] })
    : { libraries: [...LIBRARIES.values()] };
  const library = libraries.find((one) => one.name === name);
  if (!library) throw new Error(`there is no library ${name}`);
  return library;
}

async function openOptions(library: ClientLibrary, orders: Orders): Promise<OpenOptions> {
  const { profile, target } = orders;
  const own =
    "options" in profile || "module" in profile ? undefined : library.profiles[profile.name][target.kind];
  return {
    target,
    options: own ? optionsOf(own.settings) : await ownOptions(orders),
    listensForErrors: own?.listensForErrors ?? true,
    hooks: {
      connection: (event) => send?.({ say: "connection", ...event }),
      error: (error) => send?.({ say: "client-error", message: textOf(error) }),
    },
  };
}

/** Of a user's own profile: given as they are, or in a module, since options may be functions. */
async function ownOptions(orders: Orders): Promise<Readonly<Record<string, unknown>>> {
  const { profile, library, target } = orders;
  if ("options" in profile) return profile.options;
  if (!("module" in profile)) return {};
  const { default: profiles } = (await import(profile.module)) as { default: OwnProfiles };
  return ownOptionsOf(profiles, library, target.kind) ?? {};
}

function counting(tell: SendMessage): SendMessage {
  return (saying) => {
    if (saying.say === "invoke") open += 1;
    if (saying.say === "ok" || saying.say === "error") open -= 1;
    tell(saying);
  };
}

async function end(): Promise<void> {
  stop();
  const drained = (): Look<true> =>
    open === 0 ? { done: true, value: true } : { done: false, seen: `${open} open` };
  await waitFor(drained, { what: "calls to end", timeoutMs: DRAIN_MS }).catch(() => {}); // then they are ended
  const late = new Promise((resolve) => setTimeout(resolve, CLOSE_MS));
  await Promise.race([late, appClient?.close().catch(() => {})]);
  send?.({ say: "closed" });
  process.exit(0);
}

function textOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
}
