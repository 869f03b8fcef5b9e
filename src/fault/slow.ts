import { z } from "zod";
import { waitFor } from "../base/wait.ts";
import { endHelper, startHelper } from "../driver/helper.ts";
import type { ProcessIdentity } from "../driver/identity.ts";
import type { NodeAccess } from "../model/access.ts";
import type { Endpoint } from "../model/plan.ts";
import { type Admin, adminOf, wasRefused } from "../valkey/admin.ts";
import { between, onDataNode } from "./explore.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";

const options = z
  .strictObject({
    seconds: z.number().min(0.01).max(600).default(1).describe("How long the node sleeps."),
    everySeconds: z
      .number()
      .min(0.02)
      .max(600)
      .optional()
      .describe("It falls asleep again so long after the last time, until it is healed; default: once."),
  })
  .refine(({ seconds, everySeconds }) => everySeconds === undefined || everySeconds > seconds, {
    path: ["everySeconds"],
    error: "must be more than seconds: the node would never be awake",
  });
type Options = z.infer<typeof options>;

/** What healing waits for, or ends. */
interface Sleep {
  readonly seconds: number;
  readonly helper?: ProcessIdentity;
}

/** A node that is awake answers within this time. */
const AWAKE_MS = 50;
const NOTICE_MS = 5_000;
const WAKE_MS = 10_000;

/**
 * `DEBUG SLEEP`: the whole server stands still, as with a command that takes seconds or a host that swaps. One sleep
 * cannot be cut short: healing waits until the node is awake. Repeated sleeps end with the one that is going on.
 */
export const slow: Fault<"slow", typeof options> = {
  kind: "slow",
  summary: "DEBUG SLEEP: the server stands still, once or again and again; heal waits until it is awake",
  needs: [],
  dataNodesOnly: true,
  options,
  explore: onDataNode((random) => ({ seconds: between(random, 100, 3000) / 1000 })),
  means: primariesMayLosePlace,
  label: (targets, { seconds, everySeconds }) =>
    `${targets.join(", ")} asleep for ${seconds} s${everySeconds === undefined ? "" : ` every ${everySeconds} s`}`,
  outlivesNodes: true,
  inject: async (context, targets, given) => {
    const undo = (target: string) => wake(context, target, undefined);
    return await onEach(targets, (target) => putToSleep(context, target, given), undo);
  },
  heal: async (context, targets, remembered) => {
    const sleeps = (remembered ?? {}) as Record<string, Sleep>;
    await Promise.all(targets.map((target) => wake(context, target, sleeps[target])));
  },
};

async function putToSleep(
  { topology, admins, signal }: FaultContext,
  target: string,
  { seconds, everySeconds }: Options,
): Promise<Sleep> {
  const { endpoint, access } = admins.of(target);
  if (everySeconds === undefined) {
    await sleepOnce(endpoint, access, seconds, signal);
    return { seconds };
  }
  const args = [endpoint.host, endpoint.port, seconds, everySeconds];
  const helper = await startHelper({ program: SLEEPER, args, outlives: topology.detached, secret: access });
  return { seconds, helper };
}

/** Resolves once it sleeps. The connections are its own: one of them sleeps with the server. */
async function sleepOnce(
  endpoint: Endpoint,
  access: NodeAccess,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const [sleeper, probe] = [adminOf(endpoint, access), adminOf(endpoint, access)];
  const noticed = new AbortController();
  try {
    await Promise.all([sleeper.call(["PING"]), probe.call(["PING"])]);
    const slept = sleeper.call(["DEBUG", "SLEEP", seconds], seconds * 1000 + WAKE_MS);
    slept.catch(() => {}); // closed before it was over
    const asleep = waitFor(
      async () =>
        (await isAwake(probe)) ? { done: false, seen: "it answers" } : { done: true, value: undefined },
      { what: "the server to sleep", timeoutMs: NOTICE_MS, intervalMs: 1, signal: noticed.signal },
    );
    asleep.catch(() => {}); // a short sleep may be over before anybody has noticed it
    await Promise.race([slept, asleep]);
    signal.throwIfAborted();
  } finally {
    noticed.abort();
    sleeper.close(); // it sleeps on without us
    probe.close();
  }
}

async function wake(
  { topology, admins, signal }: FaultContext,
  target: string,
  sleep?: Sleep,
): Promise<void> {
  if (sleep?.helper) await endHelper(sleep.helper);
  if (signal.aborted) return; // all is being ended: nobody waits
  await waitFor(
    async () => {
      const gone = (await topology.state(target)) !== "running"; // then it does not sleep, or will not for us
      return gone || (await isAwake(admins.of(target)))
        ? { done: true, value: undefined }
        : { done: false, seen: `no answer within ${AWAKE_MS} ms` };
    },
    { what: `${target} to be awake`, timeoutMs: (sleep?.seconds ?? 0) * 1000 + WAKE_MS, signal },
  );
}

function isAwake(admin: Admin): Promise<boolean> {
  return admin.call(["PING"], AWAKE_MS).then(() => true, wasRefused);
}

/** Ends itself once the node has refused it for ten seconds: then it is gone. */
const SLEEPER = String.raw`
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
const [host, port, seconds, everySeconds] = process.argv.slice(1);
const { tls, login } = secret ?? {};
const word = (text) => '"' + text.replace(/[\\"]/g, "\\$&") + '"';
const words = login && ["AUTH", ...(login.user ? [login.user] : []), login.password].map(word).join(" ") + "\r\n";
let refusedSince, connected = false;
(function again() {
  const to = { host, port: Number(port) };
  const socket = tls ? connectTls({ ...to, ...tls }) : connect(to);
  let timer;
  const sleep = () => {
    timer = setTimeout(sleep, everySeconds * 1000);
    socket.write("DEBUG SLEEP " + seconds + "\r\n");
  };
  socket.on(tls ? "secureConnect" : "connect", () => {
    if (words) socket.write(words);
    sleep();
    if (!connected) ready();
    connected = true;
    refusedSince = undefined;
  });
  socket.on("data", () => {});
  socket.on("error", () => {});
  socket.on("close", () => {
    clearTimeout(timer);
    refusedSince ??= Date.now();
    if (Date.now() - refusedSince > 10_000) process.exit();
    setTimeout(again, 200);
  });
})();
`;
