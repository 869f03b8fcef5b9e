import { Command } from "commander";
import { listEnvironments } from "../../api/environments.ts";
import { FAULTS } from "../../fault/registry.ts";
import { faultsByHand } from "../../live/by-hand.ts";
import type { EnvironmentStatus } from "../../model/status.ts";
import { nodeStatuses } from "../../observe/status.ts";
import { renderStatus } from "../../report/terminal/status.ts";
import { shownTargets } from "../../scenario/targets.ts";
import { terminalNow } from "../document.ts";
import { jsonOption } from "../options.ts";

export function statusCommand(): Command {
  return new Command("status")
    .description("what is running, node by node: role, offset, link, slots, and what the Sentinels see")
    .addOption(jsonOption())
    .action(async ({ json }: { json?: boolean }) => {
      const { environments, unreadable } = await listEnvironments();
      const statuses = await Promise.all(
        environments.map(
          async ({
            id,
            kind,
            valkey,
            createdAt,
            dir,
            detached,
            plan,
            nodes,
          }): Promise<EnvironmentStatus> => ({
            id,
            kind,
            valkey,
            createdAt,
            dir,
            detached,
            nodes: await nodeStatuses(plan, nodes),
            faults: await faultsByHand(dir),
          }),
        ),
      );
      for (const { path, reason } of unreadable)
        process.stderr.write(`warning: ${path} cannot be read: ${reason}\n`);
      if (json) process.stdout.write(`${JSON.stringify(statuses, null, 2)}\n`);
      else if (statuses.length === 0)
        process.stdout.write("Nothing is running. `valkey-drill up ha` starts an environment.\n");
      else process.stdout.write(renderStatus(statuses.map(withShortTargets), terminalNow()));
    });
}

/** The links of a fault in few words, for a person. */
function withShortTargets(status: EnvironmentStatus): EnvironmentStatus {
  const faults = status.faults.map(({ fault, targets }) => ({
    fault,
    targets: [shownTargets(FAULTS.get(fault) ?? {}, targets)],
  }));
  return { ...status, faults };
}
