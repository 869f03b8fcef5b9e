import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { LABEL } from "./labels.ts";

/** `docker events` would wait for the next event before it noticed that nobody reads; the shell notices at once. */
const UNTIL_INPUT_ENDS = `docker "$@" & read -r _; kill $!`;

/** A container that ended: the node's name and the exit code. */
export type OnDeath = (node: string, code: number) => void;

/**
 * Listens to the engine's events for containers of that environment that end, for whatever reason, from `sinceS`
 * (seconds, as the engine tells time) on. Neither keeps this process alive nor outlives it.
 */
export function watchDeaths(id: string, sinceS: string, onDeath: OnDeath): { stop(): void } {
  const args = ["events", "--since", sinceS, "--filter", `label=${LABEL.id}=${id}`, "--filter", "event=die"];
  const command = ["-c", UNTIL_INPUT_ENDS, "sh", ...args, "--format", "{{json .Actor.Attributes}}"];
  const child: ChildProcess = spawn("/bin/sh", command, { stdio: ["pipe", "pipe", "ignore"] });
  child.on("error", () => undefined); // docker was there a moment ago; whoever calls it next will be told
  child.stdin?.on("error", () => undefined); // it has ended
  child.unref();
  // Sockets in truth, as every pipe to a child is in Node.
  const pipes = [child.stdin, child.stdout] as unknown as ({ unref(): void } | null)[];
  for (const pipe of pipes) pipe?.unref();
  if (child.stdout) {
    createInterface(child.stdout).on("line", (line) => {
      const attributes = JSON.parse(line) as Record<string, string>;
      const node = attributes[LABEL.node];
      if (node !== undefined) onDeath(node, Number(attributes.exitCode));
    });
  }
  return { stop: () => child.stdin?.end() };
}
