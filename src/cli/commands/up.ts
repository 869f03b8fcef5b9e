import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Argument, Command } from "commander";
import { openDriver } from "../../api/open-driver.ts";
import { seededRandom } from "../../base/random.ts";
import { defaultStateDir } from "../../driver/state-dir.ts";
import { DEFAULT_LIBRARY, LIBRARIES, libraryNamed } from "../../libraries/registry.ts";
import { clientAddressOf } from "../../model/addresses.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import type { Address, Plan } from "../../model/plan.ts";
import { painter, wantsColour } from "../../report/terminal/colour.ts";
import { checkCapabilities } from "../../scenario/injectable.ts";
import { targetOf } from "../../session/client-target.ts";
import { startEnvironment } from "../../session/environment.ts";
import type { TopologySpec } from "../../topology/spec.ts";
import { accessLines, accessShown, cliLine } from "../access-lines.ts";
import { clientOption } from "../client-option.ts";
import { configOption, sentinelConfigOption, tellConfig } from "../config-flags.ts";
import { interruptible } from "../interrupt.ts";
import { driverOption, jsonOption, outOption, quietOption, tlsOption, valkeyOption } from "../options.ts";
import { openProgress } from "../progress.ts";
import { type TopologyFlags, topologyOf, withTopologyOptions } from "../topology-flags.ts";

interface UpFlags extends TopologyFlags {
  readonly client: string;
  readonly links?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly ui?: boolean;
  readonly out: string;
}

export function upCommand(): Command {
  const command = new Command("up")
    .description("start an environment and leave it running; prints how to connect")
    .addArgument(new Argument("<kind>", "the topology").choices(["ha", "cluster"]));
  return withTopologyOptions(command)
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
      const spec = await topologyOf("up", kind, flags);
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
