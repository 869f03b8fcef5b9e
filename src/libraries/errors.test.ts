import { describe, expect, it } from "vitest";
import { classifyError, type ErrorClass } from "../client/errors.ts";
import { LIBRARIES } from "./registry.ts";

/*
 * Texts of libraries as they were really seen: iovalkey 0.4, ioredis 6, node-redis 6, GLIDE 2.5, each with Valkey 8.1.
 */

type Row = readonly [name: string, outcome: ErrorClass["outcome"], text: string];

const FAMILY: readonly Row[] = [
  [
    "REDIRECTIONS",
    "fail",
    "Too many Cluster redirections. Last error: ReplyError: MOVED 3999 127.0.0.1:6381",
  ],
  ["NOT-CONNECTED", "fail", "Stream isn't writeable and enableOfflineQueue options is false"],
  ["NOT-CONNECTED", "fail", "Cluster isn't ready and enableOfflineQueue options is false"],
  ["NO-SENTINEL", "fail", "All sentinels are unreachable. Retrying from scratch after 20ms."],
  ["NO-CLUSTER-NODE", "fail", "Failed to refresh slots cache."],
  ["NO-CLUSTER-NODE", "fail", "None of startup nodes is available"],
  ["TIMEOUT", "info", "Command timed out"],
  ["CONNECTION-LOST", "info", "Connection is closed."],
  [
    "CONNECTION-LOST",
    "info",
    'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.',
  ],
  ["CONNECTION-LOST", "info", "Command aborted due to connection close"],
  // The last of them was no refusal: it may have been done.
  ["CONNECTION-LOST", "info", "Too many Cluster redirections. Last error: Error: Connection is closed."],
];

const SERVER = "An error was signalled by the server: -";
const LOST = "Received connection error";
const AGAIN = "Will attempt to reconnect";

const SEEN: Readonly<Record<string, readonly Row[]>> = {
  iovalkey: FAMILY,
  ioredis: FAMILY,
  "node-redis": [
    ["NOT-CONNECTED", "fail", "The client is offline"],
    ["NOT-CONNECTED", "fail", "The client is closed"],
    ["CONNECTION-LOST", "info", "Socket closed unexpectedly"],
    ["CONNECTION-LOST", "info", "Disconnects client"],
  ],
  glide: [
    ["CLUSTERDOWN", "fail", `${SERVER} ClusterDown: The cluster is down`],
    ["MOVED", "fail", `${SERVER} Moved: 14231 127.0.0.1:21533; ExtensionError`],
    ["CROSSSLOT", "fail", `${SERVER} CrossSlot: Keys in request don't hash to the same slot`],
    ["UNKNOWN-COMMAND", "fail", `${SERVER} ResponseError: unknown command 'NO', with args beginning with: `],
    ["UNKNOWN", "info", `${SERVER} ResponseError: value is not an integer or out of range`],
    ["OOM", "fail", "OOM: command not allowed when used memory > 'maxmemory'."],
    ["NOREPLICAS", "fail", "NOREPLICAS: Not enough good replicas to write."],
    [
      "NOT-CONNECTED",
      "fail",
      `${LOST} \`Requested connection not found - ConnectionNotFoundForRoute: 127.0.0.1:23875\`. ${AGAIN}`,
    ],
    [
      "CONNECTION-LOST",
      "info",
      `${LOST} \`Cluster: Failed to receive command response from internal sender. RecvError(())\`. ${AGAIN}`,
    ],
    ["TIMEOUT", "info", "Operation timed out"],
  ],
};

describe.each([...LIBRARIES.values()])("$name", ({ name, errors }) => {
  it.each(SEEN[name] ?? [])("%s is %s: %s", (cls, outcome, text) => {
    expect(classifyError(new Error(text), errors)).toMatchObject({ class: cls, outcome });
  });

  it("has been seen to fail", () => expect(SEEN[name]).toBeTruthy());
});
