/**
 * What a test asks of its topology, under any test runner of JavaScript:
 *
 *     valkey-drill exec ha -- npx vitest run
 *     valkey-drill exec ha -- npx jest
 *
 * Copy it into your project. It needs nothing but Node 20.
 */
const url = process.env.VALKEY_DRILL_URL;

/** `inject({ fault: "kill", target: "primary" })` resolves once the fault is in force. */
export const inject = (fault) => ask("POST", "/faults", fault);

/** Undoes all faults, or all of one kind. */
export const heal = (fault) => ask("POST", "/heal", { fault });

/** `until("promoted", "15s")`: also detected, protected, rejoined. */
export const until = (condition, within = "30s") => ask("POST", "/await", { condition, within });

/** The same topology, empty and whole, at the same addresses. */
export const reset = () => ask("POST", "/reset", {});

/** What every node is now. */
export const topology = () => ask("GET", "/topology");

/** Everything that happened since the last reset, one event a line. */
export async function history() {
  return (await fetch(`${address()}/history`)).text();
}

async function ask(method, path, body) {
  const response = await fetch(`${address()}${path}`, {
    method,
    ...(body && { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  const { code, message, hint = "" } = answer.error;
  throw new Error(`${code}: ${message} ${hint}`.trim());
}

function address() {
  if (url === undefined) throw new Error("run the tests by: valkey-drill exec ha -- npm test");
  return url;
}
