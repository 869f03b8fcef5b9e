/*
 * A checker of your own in one file: did the calls of the workload `scripts` end well again after each fault?
 *
 * It is pure: the same history gives the same answer, here and years later. Whatever does not pass has a `reason`.
 */

/** @type {import("valkey-drill").Checker} */
const scripts = {
  name: "scripts",
  summary: "scripts that a server forgot were loaded again: the last call was answered",
  applies: (facts) => callsOf(facts).length > 0,
  requires(facts) {
    const last = Math.max(0, ...facts.faults.map(({ injectAt }) => injectAt));
    return [
      {
        reason: "no-call-after-the-fault",
        needs: "calls after the last fault",
        met: callsOf(facts).some(({ invokedAt }) => invokedAt > last),
        seen: "no script was called after the last fault",
        add: 'Let the workload run on: "- start: scripts" before the fault, and "- wait: 2s" after it',
      },
    ];
  },
  check(facts) {
    const calls = callsOf(facts);
    const forgotten = calls.filter(({ error }) => error?.message.includes("NOSCRIPT"));
    const again = calls.filter(({ attempts }) => attempts > 1);
    const last = calls.at(-1);
    if (last?.outcome === "ok") {
      return {
        verdict: "pass",
        summary: `${calls.length} calls, the script loaded again for ${again.length} of them`,
        evidence: { calls: calls.length, loadedAgain: again.length },
      };
    }
    if (forgotten.length === 0) {
      return {
        verdict: "unknown",
        summary: `the last of ${calls.length} calls was not answered: ${last?.error?.message ?? "no answer"}`,
        evidence: { reason: "no-answer-at-the-end" },
      };
    }
    return {
      verdict: "fail",
      summary: `the script stays forgotten: ${forgotten.length} of ${calls.length} calls were refused`,
      evidence: { reason: "script-forgotten", calls: calls.length, forgotten: forgotten.length },
    };
  },
};

/** @param {import("valkey-drill").Facts} facts */
function callsOf({ operations }) {
  return operations.filter(({ workload }) => workload === "scripts");
}

export default { checkers: [scripts] };
