import { type Phrase, phrase, plain } from "./told.ts";

/** What lay behind another failure; a line that says so is told as that, whatever else it says. */
export const CAUSE_PHRASES: readonly Phrase[] = [
  phrase("", /Out Of Memory allocating|Cannot allocate memory|terminated by signal 9\b/, outOfMemory, [
    "Out Of Memory allocating",
    "Cannot allocate memory",
    "terminated by signal 9",
  ]),
  phrase("", /No space left on device/, ({ input }) => ({ kind: "disk-full", data: { detail: input } }), [
    "No space left on device",
  ]),
];

/** Lines of what a process, its disk and its memory do: src/server.c, rdb.c, aof.c, networking.c, script.c, debug.c. */
export const PROCESS_PHRASES: readonly Phrase[] = [
  phrase("", /is starting oO0O/, () => ({ kind: "restarted" }), ["is starting oO0O"]),
  phrase(
    "",
    /^(Redis|Valkey) version=([\w.-]{1,30})/,
    ([, name = "", version]) => ({
      own: { version: `${name.toLowerCase()} ${version}` },
    }),
    ["Redis version=", "Valkey version="],
  ),
  phrase("Running mode=", /mode=(\w+), port=(\d+)/, ([, mode, port]) => ({
    own: { mode, port: Number(port) },
  })),
  ...plain("ready", "Ready to accept connections", "The server is now ready to accept connections"),
  ...plain(
    "shutdown-asked",
    "User requested shutdown",
    "Received SIGTERM",
    "Received SIGINT",
    "Received shutdown signal",
  ),
  ...plain("shutdown-asked", "Waiting for replicas before shutting down"),
  phrase("", /is now ready to exit, bye bye/, ([detail]) => ({ kind: "shutdown", data: { detail } }), [
    "ready to exit, bye bye",
  ]),
  phrase("", /(?:crashed by signal|ASSERTION FAILED|Guru Meditation|BUG REPORT START)/, crashed, [
    "crashed by signal",
    "ASSERTION FAILED",
    "Guru Meditation",
    "BUG REPORT START",
  ]),
  ...plain("loading", "Loading RDB produced by", "Reading RDB "),
  phrase("DB loaded from ", /^DB loaded from (?:disk|append only file).*/, ([detail]) => ({
    kind: "loaded",
    data: { detail },
  })),
  ...plain("config-rewritten", "CONFIG REWRITE executed"),
  ...plain(
    "config-rewrite-failed",
    "CONFIG REWRITE failed",
    "Can't update cluster config",
    "Fatal: can't update cluster config",
  ),
  ...plain(
    "clients-refused",
    "Error accepting a client connection",
    "Error registering fd event for the new client",
  ),
  phrase(
    "",
    /(?:scheduled to be closed ASAP|closed) for overcoming of output buffer limits/,
    ({ input }) => ({ kind: "client-dropped", data: { detail: input } }),
    ["for overcoming of output buffer limits"],
  ),
  ...plain(
    "save-started",
    "Background saving started",
    "Background append only file rewriting started",
    "Starting BGSAVE for SYNC",
  ),
  ...plain(
    "save-done",
    "Background saving terminated with success",
    "Background AOF rewrite finished successfully",
  ),
  ...plain(
    "save-failed",
    "Background saving error",
    "Background saving terminated by signal",
    "Background AOF rewrite terminated with error",
    "Background AOF rewrite terminated by signal",
    "Background RDB transfer error",
    "Background RDB transfer terminated by signal",
    "Can't save in background",
    "Can't rewrite append only file in background",
    "Write error saving DB on disk",
    "Write error while saving DB",
    "Failed opening the RDB file",
    "Failed opening the temp RDB file",
    "BGSAVE for replication failed",
    "SYNC failed. BGSAVE",
  ),
  ...plain("aof-slow", "Asynchronous AOF fsync is taking too long"),
  ...plain(
    "aof-failed",
    "Error writing to the AOF file",
    "Short write while writing to the AOF file",
    "Can't recover from AOF write error",
  ),
  ...plain("aof-failed", "Can't persist AOF for fsync error", "Fail to fsync the AOF file"),
  phrase("", /low script detected/, ({ input }) => ({ kind: "slow-script", data: { detail: input } }), [
    "low script detected",
  ]),
  phrase("", /WATCHDOG TIMER EXPIRED/, ({ input }) => ({ kind: "stuck", data: { detail: input } }), [
    "WATCHDOG TIMER EXPIRED",
  ]),
  ...plain("clock-jumped", "Process is about to stop", "Process has been continued"),
];

function crashed({ input }: RegExpExecArray) {
  return { kind: "crashed", data: { detail: input } } as const;
}

function outOfMemory({ input }: RegExpExecArray) {
  return { kind: "out-of-memory", data: { detail: input } } as const;
}
