import type { Capability } from "../../model/capabilities.ts";
import { DrillError } from "../../model/errors.ts";
import type { Driver, NodeActions } from "../driver.ts";
import { NODE_CPUS } from "./compose-parts.ts";
import type { Container } from "./container.ts";
import { docker, tryDocker } from "./docker-cli.ts";
import { type Engine, lacksFabricImage } from "./engine.ts";
import { shellInData } from "./shell.ts";

/** Where the Docker driver has which capability. */
export const DOCKER_CAPABILITIES: ReadonlyMap<Capability, string> = new Map([
  ["pause", "yes"],
  ["disconnect", "yes"],
  ["data-files", "yes"],
  ["throttle-cpu", "yes"],
  ["limit-disk", "images with `prlimit` (Debian's have it)"],
  ["cut-links", "an image with Node.js beside it (`node:22-slim`)"],
]);

/** What it can do with that engine's images, and why not what it cannot. */
export function dockerCapabilities(
  engine: Pick<Engine, "image" | "hasPrlimit" | "fabricImage">,
): Required<Pick<Driver, "capabilities" | "lacks">> {
  const lacks = (capability: Capability) => {
    if (capability === "limit-disk" && !engine.hasPrlimit)
      return `the image ${engine.image} has no prlimit (util-linux)`;
    if (capability === "cut-links" && !engine.fabricImage) return lacksFabricImage();
    return undefined;
  };
  const has = [...DOCKER_CAPABILITIES.keys()].filter((one) => lacks(one) === undefined);
  return { capabilities: new Set(has), lacks };
}

/** What can be done to containers besides ending and freezing them. */
export function containerActions(id: string, of: (node: string) => Container): NodeActions {
  return {
    async inDataFolder(node, script, input) {
      return await shellInData(of(node).name, id, ["-euc", script], { input });
    },

    async setCpuShare(node, share) {
      await docker(["update", "--cpus", String(share < 1 ? share : NODE_CPUS), of(node).name]);
    },

    /**
     * The soft limit on the size of files (RLIMIT_FSIZE) of the server, which is the first process of its container.
     */
    async setDiskFull(node, full) {
      const container = of(node);
      const limit = ["prlimit", "--pid", "1", `--fsize=${full ? 0 : "unlimited"}:`];
      const { code, stderr } = await tryDocker(["exec", container.name, ...limit]);
      if (code === 0 || (!full && (await container.look()).state === "stopped")) return;
      throw new DrillError("COMMAND_FAILED", `docker exec ${container.name} ${limit[0]}: ${stderr.trim()}`);
    },
  };
}
