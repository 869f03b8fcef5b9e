import { rm } from "node:fs/promises";
import { Command } from "commander";
import { attachEnvironment, listEnvironments } from "../../api/environments.ts";
import { sweepDocker } from "../../driver/docker/index.ts";
import { defaultStateDir } from "../../driver/state-dir.ts";
import { healLastingByHand } from "../../live/by-hand.ts";
import { DrillError } from "../../model/errors.ts";

export function downCommand(): Command {
  return new Command("down")
    .description("stop what `up` started and remove its files; without an id, everything that `up` started")
    .argument("[id]", "an environment's id, as `status` shows it")
    .option("--keep-files", "leave configuration, logs and data where they are")
    .action(async (id: string | undefined, { keepFiles }: { keepFiles?: boolean }) => {
      const cleared = await clearLeftovers();
      const { environments } = await listEnvironments();
      const meant = environments.filter((one) => (id === undefined ? one.detached : one.id === id));
      if (id !== undefined && meant.length === 0) {
        const ids = environments.map((one) => one.id).join(", ") || "none";
        throw new DrillError("NO_ENVIRONMENT", `no environment has the id ${id}; running: ${ids}`);
      }
      const drill = meant.find((one) => !one.detached);
      if (drill) {
        throw new DrillError(
          "BAD_USAGE",
          `${drill.id} belongs to a drill that is running: end it with Ctrl-C where it runs`,
        );
      }
      for (const one of meant) {
        const topology = await attachEnvironment(one.id);
        await healLastingByHand(topology).finally(() => topology.close());
        if (!keepFiles) await rm(one.dir, { recursive: true, force: true });
        process.stdout.write(`down  ${one.id}${keepFiles ? `; its files are in ${one.dir}` : ""}\n`);
      }
      for (const left of cleared)
        process.stdout.write(`down  ${left}, which a drill that was killed had left\n`);
      if (meant.length + cleared.length === 0) process.stdout.write("Nothing was running.\n");
    });
}

/** Removes containers of drills that were killed, if there is a Docker Engine to ask. */
async function clearLeftovers(): Promise<string[]> {
  try {
    return await sweepDocker(defaultStateDir());
  } catch (error) {
    if (error instanceof DrillError && error.code === "NO_DOCKER") return [];
    throw error;
  }
}
