import { createRequire } from "node:module";
import type { ClientLibrary } from "../client.ts";
import { SNIPPETS } from "../snippets.ts";
import { connectCluster } from "./cluster.ts";
import { connectSentinel } from "./sentinel.ts";
import { RECOVERY } from "./settings.ts";

const manifest = createRequire(import.meta.url)("iovalkey/package.json") as { version: string };

/** iovalkey: the Valkey project's fork of ioredis 5. */
export const iovalkey: ClientLibrary = {
  name: "iovalkey",
  version: manifest.version,
  summary: "the Valkey project's fork of ioredis; Sentinel and Cluster",
  recovery: RECOVERY,
  snippet: SNIPPETS.iovalkey,
  connect: (options, deadlineMs) =>
    options.target.kind === "ha"
      ? connectSentinel(options.target, options, deadlineMs)
      : connectCluster(options.target, options, deadlineMs),
};
