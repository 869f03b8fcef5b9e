import { z } from "zod";
import { DrillError } from "../model/errors.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { nodeActionOf } from "./node-action-of.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";
import { settingsNow } from "./settings.ts";

const options = z.strictObject({
  file: z
    .enum(["aof", "rdb"])
    .default("aof")
    .describe(
      "aof: the newest increment of the append-only file; rdb: its base, or, with appendonly no, the RDB file.",
    ),
  how: z
    .enum(["truncate", "garbage"])
    .default("truncate")
    .describe("truncate: the second half is cut off; garbage: 64 bytes in the middle are overwritten."),
});
type Options = z.infer<typeof options>;

const GARBAGE_BYTES = 64;

/**
 * Killed, a file with its data damaged, started again, as after a power cut or on a failing disk. The node refuses to
 * start, or comes back with a part of its data. Healed by the file as it was, where the node did not start; one that
 * did has gone on with what it found, and is left alone.
 */
export const corrupt: Fault<"corrupt", typeof options> = {
  kind: "corrupt",
  summary:
    "killed, its AOF or RDB file damaged, started again: it refuses, or loses data; heal restores the file",
  needs: ["data-files"],
  dataNodesOnly: true,
  options,
  means: primariesMayLosePlace,
  losesData: () => "in-force",
  label: (targets, { file, how }) =>
    `${file} of ${targets.join(", ")} ${how === "truncate" ? "truncated" : "overwritten with garbage"}`,
  inject: async (context, targets, given) => {
    const undo = (target: string) => restore(context, target);
    return await onEach(targets, (target) => damage(context, target, given), undo);
  },
  heal: async (context, targets) => {
    await Promise.all(targets.map((target) => restore(context, target)));
  },
};

/** @returns which file it was, and whether the node started with it */
async function damage(
  { topology, admins, random }: FaultContext,
  target: string,
  given: Options,
): Promise<{ file: string; started: boolean }> {
  const find = await fileScript({ admins }, target, given);
  const garbage = Array.from({ length: GARBAGE_BYTES }, () => `\\${(128 + random.below(128)).toString(8)}`);
  const spoil =
    given.how === "truncate"
      ? `head -c $((size / 2)) ${KEPT}/file > "$file"`
      : `printf '${garbage.join("")}' | dd of="$file" bs=1 seek=$((size / 2)) conv=notrunc 2> ${KEPT}/dd`;
  await topology.kill(target);
  const file = await nodeActionOf(topology, "inDataFolder")(
    target,
    `${find}\n${KEEP}\n${spoil}\necho "$file"`,
  );
  await topology.expectExit(target);
  try {
    await topology.start(target);
    return { file: file.trim(), started: true };
  } catch (error) {
    if (!(error instanceof DrillError && error.code === "START_FAILED")) throw error;
    return { file: file.trim(), started: false };
  }
}

async function restore({ topology }: FaultContext, target: string): Promise<void> {
  const running = (await topology.state(target)) !== "stopped";
  await nodeActionOf(topology, "inDataFolder")(target, running ? `rm -rf ${KEPT}` : RESTORE);
  await topology.start(target);
}

/** Sets `file`, by the manifest that lists the parts of the append-only file. */
async function fileScript(
  { admins }: Pick<FaultContext, "admins">,
  target: string,
  { file }: Options,
): Promise<string> {
  const names = ["appendonly", "appenddirname", "appendfilename", "dbfilename"];
  const { appendonly, appenddirname, appendfilename, dbfilename } = await settingsNow(
    admins.of(target),
    names,
  );
  if (appendonly !== "yes" && file === "aof") {
    throw new DrillError("BAD_USAGE", `${target} has no append-only file: appendonly is no`, {
      hint: "file: rdb damages its RDB file",
    });
  }
  if (appendonly !== "yes") return `file='${dbfilename}'`;
  const type = file === "aof" ? "i" : "b";
  return (
    `file='${appenddirname}'/$(sed -n 's/^file \\(.*\\) seq ` +
    `.* type ${type}.*$/\\1/p' '${appenddirname}/${appendfilename}.manifest' | tail -n 1)`
  );
}

/** Beside the data: the file as it was, and its path. */
const KEPT = "before-corrupt";

const KEEP = `
[ -f "$file" ] || { echo "there is no file to damage: $file" >&2; exit 1; }
size=$(wc -c < "$file")
[ "$size" -gt 1 ] || { echo "there is nothing to damage: $file is empty" >&2; exit 1; }
rm -rf ${KEPT}
mkdir ${KEPT}
cp -p "$file" ${KEPT}/file
echo "$file" > ${KEPT}/path`;

const RESTORE = `
if [ -e ${KEPT}/path ]; then cp -p ${KEPT}/file "$(cat ${KEPT}/path)"; fi
rm -rf ${KEPT}`;
