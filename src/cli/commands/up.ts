import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Argument, Command, Option } from "commander";
import { openDriver } from "../../api/open-driver.ts";
import { seededRandom } from "../../base/random.ts";
import { defaultStateDir } from "../../driver/state-dir.ts";
import { DEFAULT_LIBRARY, LIBRARIES, libraryNamed } from "../../libraries/registry.ts";
import { clientAddressOf } from "../../model/addresses.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import type { Address, Plan } from "../../model/plan.ts";
import { painter, wantsColour } from "../../report/terminal/colour.ts";
import { withConfigFiles } from "../../scenario/config-files.ts";
import { checkCapabilities } from "../../scenario/injectable.ts";
import { targetOf } from "../../session/client-target.ts";
import { startEnvironment } from "../../session/environment.ts";
import { MAX_NODES, type TopologySpec, topologySpecSchema } from "../../topology/spec.ts";
import { accessLines, accessShown, cliLine } from "../access-lines.ts";
import { clientOption } from "../client-option.ts";
import {
  type ConfigFlags,
  checkUsed,
  configOption,
  sentinelConfigOption,
  tellConfig,
} from "../config-flags.ts";
import { interruptible } from "../interrupt.ts";
import {
  driverOption,
  jsonOption,
  outOption,
  quietOption,
  type ServerOptions,
  tlsOption,
  valkeyOption,
  wholeNumber,
} from "../options.ts";
import { openProgress } from "../progress.ts";

interface UpFlags extends ServerOptions, ConfigFlags {
  readonly client: string;
  readonly replicas?: number;
  readonly sentinels?: number;
  readonly quorum?: number;
  readonly shards?: number;
  readonly port?: number;
  readonly auth?: "password" | "users";
  readonly links?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly ui?: boolean;
  readonly out: string;
}

/** The flags that each kind takes; the others are refused, so that none is silently without effect. */
const FLAGS_OF = { ha: ["replicas", "sentinels", "quorum"], cluster: ["shards", "replicas"] } as const;
const COUNT_FLAGS = ["replicas", "sentinels", "quorum", "shards"] as const;

export function upCommand(): Command {
  const count = (least: number) => wholeNumber(least, MAX_NODES);
  return new Command("up")
    .description("start an environment and leave it running; prints how to connect")
    .addArgument(new Argument("<kind>", "the topology").choices(["ha", "cluster"]))
    .addOption(
      new Option(
        "--replicas <n>",
        "replicas; in a cluster of each shard (default: 2, in a cluster 1)",
      ).argParser(count(0)),
    )
    .addOption(new Option("--sentinels <n>", "Sentinels (ha; default: 3)").argParser(count(1)))
    .addOption(
      new Option("--quorum <n>", "Sentinels that must agree (ha; default: the majority)").argParser(count(1)),
    )
    .addOption(new Option("--shards <n>", "shards (cluster; default: 3)").argParser(count(1)))
    .addOption(
      new Option("--port <n>", "first port; the nodes take the ones from there on").argParser(
        wholeNumber(1024, 65_000),
      ),
    )
    .addOption(
      new Option("--auth <kind>", "password: one for all; users: each with the least that it needs").choices([
        "password",
        "users",
      ]),
    )
    .option("--links", "carry all connections over links that can be hurt: fault cut, delay, …")
    .option("--ui", "a page in the browser: watch it, break it, rewind, export; Ctrl-C stops everything")
    .addOption(
      clientOption("client library that --ui begins with, and of the program that is printed").default(
        DEFAULT_LIBRARY,
      ),
    )
    .addOption(configOption())
    .addOption(sentinelConfigOption())
    .addOption(outOption())
    .addOption(valkeyOption())
    .addOption(driverOption())
    .addOption(tlsOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .action(async (kind: TopologySpec["kind"], flags: UpFlags) => {
      const spec = await configured(specOf(kind, flags), flags);
      tellConfig([spec], flags);
      if (flags.ui) {
        const { play } = await import("../play.ts"); // the page's server is large
        await interruptible((signal) => play(spec, flags, signal));
        return;
      }
      const plan = await interruptible((signal) => bringUp(spec, flags, signal));
      process.stdout.write(
        flags.json
          ? `${JSON.stringify(connection(plan.plan, plan.id), null, 2)}\n`
          : told(plan, flags.client),
      );
    });
}

function specOf(kind: TopologySpec["kind"], flags: UpFlags): TopologySpec {
  const taken: readonly string[] = FLAGS_OF[kind];
  const given = Object.fromEntries(
    COUNT_FLAGS.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]),
  );
  const foreign = Object.keys(given).find((name) => !taken.includes(name));
  if (foreign)
    throw new DrillError(
      "BAD_USAGE",
      `--${foreign} is not for "up ${kind}"; it takes --${taken.join(", --")}`,
    );
  const auth = flags.auth && (flags.auth === "users" ? { users: {} } : { password: true });
  const parsed = topologySpecSchema.safeParse({ kind, ...given, tls: flags.tls, auth });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.map((part) => `--${String(part)} `).join("")}${message}`,
  );
  throw new DrillError("BAD_USAGE", problems.join("; "));
}

/** With configuration files; a quorum that was given as well holds. */
async function configured(spec: TopologySpec, flags: UpFlags): Promise<TopologySpec> {
  checkUsed([spec], flags);
  const read = await withConfigFiles(spec, process.cwd(), flags);
  return read.kind === "ha" && flags.quorum !== undefined ? { ...read, quorum: flags.quorum } : read;
}

interface Up {
  readonly id: string;
  readonly plan: Plan;
  readonly dir: string;
  /** Its links can be impaired. */
  readonly links: boolean;
}

async function bringUp(spec: TopologySpec, flags: UpFlags, signal: AbortSignal): Promise<Up> {
  const progress = openProgress(flags.quiet === true);
  const dir = join(defaultStateDir(), "up", `${spec.kind}-${randomBytes(3).toString("hex")}`);
  try {
    const { driver, version } = await openDriver(flags, progress, signal);
    if (flags.links)
      checkCapabilities({ kind: "--links", needs: ["cut-links"] }, driver, `${driver.name} driver`);
    await mkdir(dir, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw new DrillError("STATE_UNWRITABLE", `cannot make ${dir}: ${messageOf(cause)}`, {
        hint: "Set VALKEY_DRILL_STATE to a folder that you may write to.",
        cause,
      });
    });
    const step = progress.step(`start ${spec.kind} topology, Valkey ${version}`);
    try {
      const { topology, admins, readyMs } = await startEnvironment({
        spec,
        driver,
        dir,
        signal,
        random: seededRandom(Number.parseInt(randomBytes(4).toString("hex"), 16)),
        detached: true,
        firstPort: flags.port,
        links: flags.links ? { clients: true } : undefined,
        onProgress: (text) => step.update(text),
      });
      admins.close();
      step.done(`${topology.plan.nodes.length} nodes ready in ${(readyMs / 1000).toFixed(2)} s`);
      return { id: topology.id, plan: topology.plan, dir, links: topology.links !== undefined };
    } catch (error) {
      step.fail(messageOf(error));
      await rm(dir, { recursive: true, force: true });
      throw signal.aborted ? signal.reason : error;
    }
  } finally {
    await progress.close();
  }
}

function connection(plan: Plan, id: string) {
  const nodes = plan.nodes.map(({ name, role, endpoint }) => ({
    name,
    role,
    endpoint: addressText(clientAddressOf(endpoint)),
  }));
  return { id, kind: plan.kind, sentinelGroup: plan.sentinelGroup, nodes, access: accessShown(plan) };
}

function told({ id, plan, links }: Up, client: string): string {
  const paint = painter(wantsColour(process.stdout));
  const { nodes, sentinelGroup } = connection(plan, id);
  const names = nodes.map(({ name }): [string] => [name]);
  const list = nodes.map(
    ({ name, role, endpoint }) => `  ${paint.strong(name.padEnd(width(names)))}  ${endpoint}  ${role}`,
  );
  const primary = plan.kind === "ha" ? "primary" : "shard:1/primary";
  const next: [command: string, meaning: string][] = [
    ["valkey-drill status", "what every node is now"],
    links
      ? [`valkey-drill fault cut ${primary}`, "no other node reaches it, and watch status"]
      : [`valkey-drill fault kill ${primary}`, "kill it, and watch status"],
    ["valkey-drill fault heal", links ? "undo it" : "start it again"],
    ["valkey-drill down", "stop everything and clean up"],
  ];
  return `${paint.good("up")}  ${paint.strong(id)}
${list.join("\n")}
${sentinelGroup ? `  Sentinel's name for the primary: ${sentinelGroup}\n` : ""}${accessLines(plan)}
Connect by hand:
  ${cliLine(plan)}

${snippets(plan, client).join("\n")}
Next:
${next.map(([command, meaning]) => `  ${command.padEnd(width(next))}  ${meaning}`).join("\n")}
`;
}

/** How to connect from a program. Where addresses must be mapped, in every library: each has its own way. */
function snippets(plan: Plan, client: string): string[] {
  const target = targetOf(plan);
  const chosen = libraryNamed(client);
  return [...LIBRARIES.values()]
    .filter((library) => target.natMap !== undefined || library === chosen)
    .map(
      ({ name, snippet }) =>
        `Connect from a program (${name}):\n\n${snippet(target).replace(/^(?=.)/gm, "  ")}`,
    );
}

const addressText = ({ host, port }: Address) => `${host}:${port}`;

/** Width of the first column. */
function width(rows: readonly (readonly string[])[]): number {
  return Math.max(...rows.map(([first = ""]) => first.length));
}
