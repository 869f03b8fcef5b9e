import { describe, expect, it } from "vitest";
import { TimeoutError, withDeadline } from "./client.ts";
import { classifyError } from "./errors.ts";

/* Every row by a text as it was really seen: from Valkey 8.1, or from a library: iovalkey 0.4, ioredis 6, node-redis 6. */
const ROWS: readonly [cls: string, outcome: "fail" | "info", retryable: boolean, text: string][] = [
  ["READONLY", "fail", true, "READONLY You can't write against a read only replica."],
  ["CLUSTERDOWN", "fail", true, "CLUSTERDOWN The cluster is down"],
  ["CLUSTERDOWN", "fail", true, "CLUSTERDOWN Hash slot not served"],
  [
    "MASTERDOWN",
    "fail",
    true,
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  ],
  ["LOADING", "fail", true, "LOADING Valkey is loading the dataset in memory"],
  ["NOREPLICAS", "fail", true, "NOREPLICAS Not enough good replicas to write."],
  ["TRYAGAIN", "fail", true, "TRYAGAIN Multiple keys request during rehashing of slot"],
  ["MOVED", "fail", true, "MOVED 3999 127.0.0.1:6381"],
  ["ASK", "fail", true, "ASK 3999 127.0.0.1:6381"],
  [
    "BUSY",
    "fail",
    true,
    "BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
  ],
  ["MISCONF", "fail", true, "MISCONF Errors writing to the AOF file: No space left on device"],
  ["OOM", "fail", true, "OOM command not allowed when used memory > 'maxmemory'."],
  ["MAXCLIENTS", "fail", true, "ERR max number of clients reached"],
  [
    "REDIRECTIONS",
    "fail",
    true,
    "Too many Cluster redirections. Last error: ReplyError: MOVED 3999 127.0.0.1:6381",
  ],
  ["AUTH", "fail", false, "NOAUTH Authentication required."],
  ["AUTH", "fail", false, "WRONGPASS invalid username-password pair or user is disabled."],
  ["AUTH", "fail", false, "NOPERM User default has no permissions to run the 'set' command"],
  ["CROSSSLOT", "fail", false, "CROSSSLOT Keys in request don't hash to the same slot"],
  ["WRONGTYPE", "fail", false, "WRONGTYPE Operation against a key holding the wrong kind of value"],
  ["UNKNOWN-COMMAND", "fail", false, "ERR unknown command 'FOO', with args beginning with: "],
  ["NOT-CONNECTED", "fail", true, "Stream isn't writeable and enableOfflineQueue options is false"],
  ["NOT-CONNECTED", "fail", true, "Cluster isn't ready and enableOfflineQueue options is false"],
  ["NOT-CONNECTED", "fail", true, "The client is offline"],
  ["NOT-CONNECTED", "fail", true, "The client is closed"],
  ["ECONNREFUSED", "fail", true, "connect ECONNREFUSED 127.0.0.1:6379"],
  ["NOT-DONE", "fail", true, "not done: Connection is closed."],
  ["NOT-DONE", "fail", true, "not done: no answer within 1000 ms"],
  ["NO-SENTINEL", "fail", true, "All sentinels are unreachable. Retrying from scratch after 20ms."],
  ["NO-CLUSTER-NODE", "fail", true, "Failed to refresh slots cache."],
  ["NO-CLUSTER-NODE", "fail", true, "None of startup nodes is available"],
  ["TIMEOUT", "info", true, "Command timed out"],
  ["CONNECTION-LOST", "info", true, "Connection is closed."],
  [
    "CONNECTION-LOST",
    "info",
    true,
    'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.',
  ],
  ["CONNECTION-LOST", "info", true, "Socket closed unexpectedly"],
  ["CONNECTION-LOST", "info", true, "Disconnects client"],
  ["CONNECTION-LOST", "info", true, "Command aborted due to connection close"],
  ["CONNECTION-LOST", "info", true, "read ECONNRESET"],
  ["CONNECTION-LOST", "info", true, "write EPIPE"],
  ["CONNECTION-LOST", "info", true, "connect ETIMEDOUT"],
  [
    "UNBLOCKED",
    "info",
    true,
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
  ],
  ["NOT-REPLICATED", "info", true, "NOT-REPLICATED written, but WAIT confirmed 0 of 1 replicas"],
];

describe("classifyError", () => {
  it.each(ROWS)("%s is %s", (cls, outcome, retryable, text) => {
    expect(classifyError(new Error(text))).toMatchObject({ class: cls, outcome, retryable });
    expect(classifyError(text)).toMatchObject({ class: cls, outcome });
  });

  it("takes our own deadline for what nobody can know", () => {
    expect(classifyError(new TimeoutError(1000))).toMatchObject({ class: "TIMEOUT", outcome: "info" });
  });

  it.each([
    "ERR value is not an integer or out of range",
    "BUSYGROUP Consumer Group name already exists",
    "MOVEDX", // no code of ours, only its beginning
    "the value says READONLY somewhere",
    "something new",
    "",
    undefined,
    null,
    { odd: true },
  ])("takes %j, which it does not know, for info and not worth a retry: never for fail", (error) => {
    expect(classifyError(error)).toEqual({ class: "UNKNOWN", outcome: "info", retryable: false });
  });

  it("does not take a redirection that ended in a lost connection for refused: it may have been done", () => {
    const error = new Error("Too many Cluster redirections. Last error: Error: Connection is closed.");
    expect(classifyError(error)).toMatchObject({ class: "CONNECTION-LOST", outcome: "info" });
  });
});

describe("withDeadline", () => {
  it("gives the work's own value or error, if that comes in time", async () => {
    expect(await withDeadline(Promise.resolve(1), 1000)).toBe(1);
    await expect(withDeadline(Promise.reject(new Error("READONLY")), 1000)).rejects.toThrow("READONLY");
  });

  it("rejects what never settles", async () => {
    const error = await withDeadline(new Promise(() => {}), 20).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as Error).message).toBe("no answer within 20 ms");
  });

  it("leaves no rejection unhandled when the work fails after the deadline", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    let rejectLate = (_error: Error) => {};
    const late = new Promise((_, reject) => {
      rejectLate = reject;
    });
    await expect(withDeadline(late, 5)).rejects.toThrow("no answer");
    rejectLate(new Error("Connection is closed."));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });
});
