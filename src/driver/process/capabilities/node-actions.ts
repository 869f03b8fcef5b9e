import { DrillError } from "../../../model/errors.ts";
import type { NodeActions } from "../../driver.ts";
import { endHelper } from "../../helper.ts";
import { isSame, type ProcessIdentity } from "../../identity.ts";
import type { NodeProcess } from "../node-process.ts";
import { moveClock } from "./clock.ts";
import { endThrottle, throttle } from "./cpu.ts";
import { limitFiles, slowFsync } from "./disk.ts";
import type { HelperName } from "./helper-name.ts";

export interface ControlledNodes {
  /** @throws RangeError if there is no such node */
  of(node: string): NodeProcess;
  helper(node: string, name: HelperName): ProcessIdentity | undefined;
  setHelper(node: string, name: HelperName, helper: ProcessIdentity | undefined): Promise<void>;
  /** Helpers go on when this process ends. */
  readonly outlive: boolean;
}

/** What can be done to the processes of an environment besides ending and freezing them. */
export function nodeActions(nodes: ControlledNodes): NodeActions {
  /** The node's process; for undoing, there need be none. */
  const running = (node: string): ProcessIdentity => {
    const { identity } = nodes.of(node);
    if (identity) return identity;
    throw new DrillError("COMMAND_FAILED", `${node} is not running`);
  };
  const takeHelper = async (node: string, name: HelperName): Promise<ProcessIdentity | undefined> => {
    const helper = nodes.helper(node, name);
    if (helper) await nodes.setHelper(node, name, undefined);
    return helper;
  };

  return {
    inDataFolder: (node, script, input) => nodes.of(node).inFolder(script, input),

    async setCpuShare(node, share) {
      const helper = await takeHelper(node, "cpu");
      if (helper) await endThrottle(helper, nodes.of(node).identity);
      if (share < 1) await nodes.setHelper(node, "cpu", await throttle(running(node), share, nodes.outlive));
    },

    async setDiskFull(node, full) {
      const { identity } = nodes.of(node);
      if (full) await limitFiles(running(node), true);
      else if (identity) await limitFiles(identity, false);
    },

    async setFsyncDelay(node, delayMs) {
      const helper = await takeHelper(node, "disk");
      if (helper && isSame(helper)) await endHelper(helper);
      if (delayMs === 0) return;
      if (nodes.of(node).state === "paused")
        throw new DrillError("COMMAND_FAILED", `the disk of ${node} cannot be made slow while it is paused`);
      await nodes.setHelper(node, "disk", await slowFsync(running(node), delayMs));
    },

    async setClockOffset(node, seconds) {
      const { identity } = nodes.of(node);
      if (seconds !== 0) await moveClock(running(node), seconds);
      else if (identity) await moveClock(identity, 0);
    },
  };
}
