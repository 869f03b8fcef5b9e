/*
 * A client library of your own in one file: iovalkey, with one connection for writes and reads alike.
 *
 * A call is one attempt: what the library would send again by itself is turned off, so that an acknowledgement means
 * one sending. Every call has a deadline. The connection comes back by itself.
 */
import { createRequire } from "node:module";
import { Valkey } from "iovalkey";

const { version } = createRequire(import.meta.url)("iovalkey/package.json");

/** @param {import("valkey-drill").PluginTools} tools */
export default function plugin({ TimeoutError }) {
  /** @type {import("valkey-drill").ClientLibrary<"iovalkey-one-connection">} */
  const library = {
    name: "iovalkey-one-connection",
    packageName: "iovalkey",
    version,
    summary: "iovalkey with a single connection: reads go to the primary too",
    supports: {
      ha: true,
      cluster: { why: "has one connection", issue: "https://www.npmjs.com/package/iovalkey" },
    },
    tells: { whoAnswered: true, redirects: true, connections: true },
    recovery: {
      ha: { setting: "retryStrategy", value: "100 ms" },
      cluster: { setting: "retryStrategy", value: "100 ms" },
    },
    snippet: ({ kind, ...target }) =>
      "sentinels" in target
        ? `new Valkey({ sentinels: ${JSON.stringify(target.sentinels)}, name: ${JSON.stringify(target.group)} })`
        : `// not for ${kind}`,
    async connect({ target, onEvent }, deadlineMs) {
      if (target.kind !== "ha") throw new Error("only for Sentinels");
      const connection = new Valkey({
        sentinels: target.sentinels.map(({ host, port }) => ({ host, port })),
        name: target.group,
        natMap: target.natMap,
        lazyConnect: true,
        enableOfflineQueue: false, // what cannot be sent now fails now
        autoResendUnfulfilledCommands: false,
        maxRetriesPerRequest: 0,
        retryStrategy: () => 100,
        sentinelRetryStrategy: () => 100,
        reconnectOnError: (error) => error.message.startsWith("READONLY"), // a primary that became a replica
      });
      connection.on("error", () => {}); // each call tells of its own error
      connection.on("ready", () => onEvent?.({ event: "ready", role: "primary" }));
      await within(connection.connect(), deadlineMs);

      /** @type {import("valkey-drill").DrillClient["call"]} */
      const call = async ([name = "", ...args], ms, answeredBy) => {
        const { remoteAddress, remotePort } = connection.stream ?? {};
        const reply = await within(connection.call(name, ...args), ms);
        answeredBy?.(remoteAddress === undefined ? undefined : `${remoteAddress}:${remotePort}`);
        return /** @type {any} */ (reply);
      };
      return {
        call,
        callReplica: call,
        callAndWait: async (args, { replicas, waitMs }, ms, answeredBy) => {
          const written = call(args, ms, answeredBy);
          // right behind it, on the same connection
          const confirmed = call(["WAIT", String(replicas), String(waitMs)], ms);
          return { reply: await written, confirmed: Number(await confirmed.catch(() => 0)) };
        },
        redirects: () => ({ moved: 0, ask: 0 }),
        close: async () => connection.disconnect(),
      };
    },
  };

  /**
   * @template T
   * @param {Promise<T>} work
   * @param {number} ms
   * @returns {Promise<T>}
   */
  async function within(work, ms) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new TimeoutError(ms)), ms);
    });
    try {
      return /** @type {T} */ (await Promise.race([work, late]));
    } finally {
      clearTimeout(timer);
    }
  }

  return { clients: [library] };
}
