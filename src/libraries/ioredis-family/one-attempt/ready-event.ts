import type { Cluster, Valkey } from "iovalkey";

/**
 * Resolves when the client is ready. Afterwards its `error` events, which tell of single connections while it
 * reconnects, have a listener: what they mean for a caller shows in the calls themselves.
 */
export function awaitReadyEvent(client: Valkey | Cluster, deadlineMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let last = "no event yet";
    client.on("error", (error: Error) => {
      last = error.message;
    });
    if (client.status === "ready") return resolve();
    const timer = setTimeout(
      () => reject(new Error(`the client was not ready within ${deadlineMs} ms; last seen: ${last}`)),
      deadlineMs,
    );
    client.once("ready", () => {
      clearTimeout(timer);
      resolve();
    });
    client.once("end", () => {
      clearTimeout(timer);
      reject(new Error(`the client gave up connecting; last seen: ${last}`));
    });
  });
}

/** Resolves once a connection that is being made is ready, or is given up; at once if none is being made. */
export function awaitSettled(node: Valkey, deadlineMs: number): Promise<void> {
  if (["wait", "ready", "end"].includes(node.status)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settled = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(
      () =>
        reject(new Error(`a connection was not ready within ${deadlineMs} ms; last seen: ${node.status}`)),
      deadlineMs,
    );
    node.once("ready", settled);
    node.once("end", settled);
  });
}
