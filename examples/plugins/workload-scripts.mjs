/*
 * A workload of your own in one file: an application that calls a script by its digest, again and again.
 *
 * What it does it tells through `log`. It judges nothing: that is for a checker (checker-scripts.mjs).
 */

const SCRIPT = "return redis.call('INCR', KEYS[1])";
const DEADLINE_MS = 500;

/** @param {import("valkey-drill").PluginTools} tools */
export default function plugin({ z }) {
  const options = z.strictObject({
    perSecond: z.int().min(1).max(1000).default(20).describe("Calls a second."),
    reload: z.boolean().default(true).describe("false: the application does not load the script again."),
  });

  /** @type {import("valkey-drill").Workload<"scripts", typeof options, "steady">} */
  const scripts = {
    name: "scripts",
    summary: "calls a script by its digest; loads it again where a server has forgotten it",
    kind: "steady",
    topologies: ["ha"],
    options,
    async run({ client, log, random, signal }, { perSecond, reload }) {
      const key = `scripts:${random.hex(6)}`;
      const load = async () => String(await client.call(["SCRIPT", "LOAD", SCRIPT], DEADLINE_MS));
      const digest = await load();
      while (!signal.aborted) {
        const start = { client: "scripts", workload: "scripts", f: "evalsha", key };
        await log.operation(start, async (answeredBy) => {
          const call = async () =>
            String(await client.call(["EVALSHA", digest, "1", key], DEADLINE_MS, answeredBy));
          try {
            return await call();
          } catch (error) {
            if (!reload || !String(error).includes("NOSCRIPT")) throw error;
            await load();
            return { value: await call(), attempts: 2 };
          }
        });
        await pause(1000 / perSecond, signal);
      }
    },
  };

  return { workloads: [scripts] };
}

/**
 * Resolves after that time, or as soon as the signal aborts.
 *
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
