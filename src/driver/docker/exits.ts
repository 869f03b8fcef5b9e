import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { LABEL } from "./labels.ts";

/** A container that ended: the node's name and the exit code. */
export type OnDeath = (node: string, code: number) => void;

/**
 * Listens to the engine's events for containers of that environment that end, for whatever reason, from `sinceS` (seconds,
 * as the engine tells time) on. Does not keep this process alive.
 */
export function watchDeaths(id: string, sinceS: string, onDeath: OnDeath): { stop(): void } {
  const args = ["events", "--since", sinceS, "--filter", `label=${LABEL.id}=${id}`, "--filter", "event=die"];
  const child: ChildProcess = spawn("docker", [...args, "--format", "{{json .Actor.Attributes}}"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  child.on("error", () => undefined); // docker was there a moment ago; whoever calls it next will be told
  child.unref();
  if (child.stdout) {
    (child.stdout as unknown as { unref(): void }).unref(); // a socket in truth, as every pipe to a child is in Node
    createInterface(child.stdout).on("line", (line) => {
      const attributes = JSON.parse(line) as Record<string, string>;
      const node = attributes[LABEL.node];
      if (node !== undefined) onDeath(node, Number(attributes.exitCode));
    });
  }
  const kill = () => child.kill();
  process.once("exit", kill);
  return {
    stop: () => {
      process.off("exit", kill);
      kill();
    },
  };
}
