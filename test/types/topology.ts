/* Types of `startTopology`, and of plugins: see scenario.ts. */
import {
  type Checker,
  defineScenario,
  type Fault,
  type PluginModule,
  registerChecker,
  registerFault,
  startTopology,
  type Topology,
  type Workload,
  z,
} from "valkey-drill";
import { judge, readHistory } from "valkey-drill/check";
import { readRun, renderReport } from "valkey-drill/report";

export async function use(): Promise<void> {
  const topology: Topology = await startTopology({ kind: "ha", replicas: 1 }, { links: true, valkey: "8.1" });
  const injected = await topology.inject({ fault: "kill", target: "primary" });
  const names: readonly string[] = injected.targets;
  await injected.heal();
  await topology.heal("kill");
  await topology.until("promoted", { timeoutMs: 5000 });
  const url: string = `${topology.sentinels[0]?.host}:${topology.nodes[0]?.port}`;
  const env: Record<string, string> = topology.env();
  const roles = (await topology.status()).map(({ role }) => role);
  await topology.stop();
  await topology[Symbol.asyncDispose]();
  console.log(names, url, env, roles);

  // @ts-expect-error no such kind
  await startTopology({ kind: "standalone" });
  // @ts-expect-error no such option of a topology
  await startTopology({ kind: "ha", replikas: 1 });
  // @ts-expect-error no such fault
  await topology.inject({ fault: "kil", target: "primary" });
  // @ts-expect-error no such target
  await topology.inject({ fault: "kill", target: "primry" });
  // @ts-expect-error no such condition
  await topology.until("promotd");
  // @ts-expect-error there is no workload whose operations could recover
  await topology.until("recovered");

  const text: string = await renderReport("junit", [await readRun("latest")]);
  const { verdict } = judge(await readHistory("history.jsonl"));
  // @ts-expect-error no such format
  await renderReport("docx", []);
  console.log(text, verdict);
}

const options = z.strictObject({ ms: z.int().default(5), hard: z.boolean() });
const stall: Fault<"stall", typeof options> = {
  kind: "stall",
  summary: "a fault of a plugin",
  needs: [],
  options,
  label: (targets, { ms }) => `${targets.join()} for ${ms.toFixed()}`,
  inject: async ({ topology }, [target = ""], { hard }) =>
    hard ? topology.kill(target) : topology.stop(target),
  heal: async () => {},
};
const talked = { name: "chat:talked", data: z.object({ hard: z.boolean() }) };
const chat: Workload<"chat", typeof options, "steady"> = {
  name: "chat",
  summary: "a workload of a plugin",
  kind: "steady",
  topologies: ["ha"],
  options,
  run: async ({ log }, { hard }) => {
    log.observe(talked, { hard });
    // @ts-expect-error the schema says that it is a truth value
    log.observe(talked, { hard: "very" });
    // @ts-expect-error nothing is observed under that name: what is a plugin's own has a schema
    log.observe("chat", { hard });
    // @ts-expect-error that observation has other data
    log.observe("redirects", { moved: "often", ask: 0 });
  },
};
const checker: Checker = {
  name: "chat",
  summary: "a checker of a plugin",
  applies: ({ operations }) => operations.length > 0,
  requires: () => [],
  check(facts) {
    const moved: number | null | undefined = facts.observations("redirects").at(-1)?.moved;
    const hard: boolean = facts.observations(talked).every((one) => one.hard);
    // @ts-expect-error no observation has that name
    facts.observations("redirect");
    return { verdict: "pass", summary: "", evidence: { moved, hard } };
  },
};
const wrong: Fault<"other", typeof options> = {
  ...stall,
  // @ts-expect-error it has another name
  kind: "stall",
};
registerFault(stall);
registerChecker(checker);
const plugin: PluginModule = () => ({ faults: [stall, wrong], workloads: [chat], checkers: [checker] });
export default plugin;

declare module "valkey-drill" {
  interface Plugins {
    stall: typeof stall;
    chat: typeof chat;
  }
}

/** What a plugin adds is as well known as what is built in. */
export const withPlugin = defineScenario({
  name: "with-plugin",
  description: "d",
  topology: { kind: "ha" },
  steps: [
    { start: { chat: { hard: true } } },
    { inject: { fault: "stall", target: "primary", hard: true } },
    // @ts-expect-error an option that it must have
    { inject: { fault: "stall", target: "primary" } },
    // @ts-expect-error no such option
    { start: { chat: { hrd: true } } },
  ],
});
