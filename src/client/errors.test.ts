import { describe, expect, it } from "vitest";
import { withDeadline } from "./deadline.ts";
import {
  classifyError,
  errorRow,
  explained,
  NotDoneError,
  NotReplicatedError,
  TimeoutError,
} from "./errors.ts";

/*
 * Every row by a text as it was really seen, from Valkey 8.1 or Node 20. Those of libraries:
 * ../libraries/errors.test.ts
 */
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
  ["EXECABORT", "fail", true, "EXECABORT Transaction discarded because of previous errors."],
  [
    "NOGROUP",
    "fail",
    true,
    "NOGROUP No such key 'jobs' or consumer group 'workers' in XREADGROUP with GROUP option",
  ],
  ["MAXCLIENTS", "fail", true, "ERR max number of clients reached"],
  ["AUTH", "fail", false, "NOAUTH Authentication required."],
  ["AUTH", "fail", false, "WRONGPASS invalid username-password pair or user is disabled."],
  ["AUTH", "fail", false, "NOPERM User default has no permissions to run the 'set' command"],
  ["CROSSSLOT", "fail", false, "CROSSSLOT Keys in request don't hash to the same slot"],
  ["WRONGTYPE", "fail", false, "WRONGTYPE Operation against a key holding the wrong kind of value"],
  ["UNKNOWN-COMMAND", "fail", false, "ERR unknown command 'FOO', with args beginning with: "],
  ["ECONNREFUSED", "fail", true, "connect ECONNREFUSED 127.0.0.1:6379"],
  ["CONNECTION-LOST", "info", true, "read ECONNRESET"],
  ["CONNECTION-LOST", "info", true, "write EPIPE"],
  ["CONNECTION-LOST", "info", true, "connect ETIMEDOUT"],
  [
    "UNBLOCKED",
    "info",
    true,
    "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)",
  ],
];

describe("classifyError", () => {
  it.each(ROWS)("%s is %s", (cls, outcome, retryable, text) => {
    expect(classifyError(new Error(text))).toMatchObject({ class: cls, outcome, retryable });
    expect(classifyError(text)).toMatchObject({ class: cls, outcome });
  });

  it("is told by errors of ours what they mean, whatever their text says", () => {
    expect(classifyError(new TimeoutError(1000))).toMatchObject({ class: "TIMEOUT", outcome: "info" });
    expect(classifyError(new NotDoneError("READONLY"))).toMatchObject({ class: "NOT-DONE", outcome: "fail" });
    expect(classifyError(new NotReplicatedError(0, 1))).toEqual({
      class: "NOT-REPLICATED",
      outcome: "info",
      retryable: true,
    });
  });

  it.each([
    "no answer within 1000 ms",
    "not done: Connection is closed.",
    "NOT-REPLICATED written, but WAIT confirmed 0 of 1 replicas",
  ])("does not take a stranger's %j for an error of ours: nobody knows what it means", (text) => {
    expect(classifyError(new Error(text))).toMatchObject({ class: "UNKNOWN", outcome: "info" });
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
});

describe("an error that only its library's rows know", () => {
  const own = [errorRow(/^gone$/, "CONNECTION-LOST", "info"), errorRow(/READONLY/, "OWN", "info")];

  it("says what it means, with its own text, and is left as it is otherwise", () => {
    const gone = new Error("gone");
    expect(classifyError(gone)).toMatchObject({ class: "UNKNOWN" });
    expect(explained(gone, own)).toMatchObject({ message: "gone", cause: gone });
    expect(classifyError(explained(gone, own))).toMatchObject({ class: "CONNECTION-LOST", outcome: "info" });
    for (const error of [new Error("strange"), new TimeoutError(1), new Error("read ECONNRESET")])
      expect(explained(error, own)).toBe(error);
  });

  it("does not change what a server refused with", () => {
    expect(classifyError(new Error("READONLY You can't write"), own)).toMatchObject({ class: "READONLY" });
    expect(classifyError(new Error("last: READONLY"), own)).toMatchObject({ class: "OWN" });
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
