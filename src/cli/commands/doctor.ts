import { Command } from "commander";
import { groupBy } from "../../base/group-by.ts";
import { findFabricImage, lacksFabricImage } from "../../driver/docker/index.ts";
import { processCapabilities } from "../../driver/process/capabilities/index.ts";
import { FAULTS } from "../../fault/registry.ts";
import { LIBRARIES } from "../../libraries/registry.ts";
import { availability } from "../../model/availability.ts";
import { DrillError } from "../../model/errors.ts";
import { painter, wantsColour } from "../../report/terminal/colour.ts";
import { type DoctorItem, examine } from "../../valkey/doctor.ts";
import { jsonOption, valkeyOption } from "../options.ts";

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("what this machine has and lacks for drills, and the command that mends it; changes nothing")
    .addOption(valkeyOption())
    .addOption(jsonOption())
    .action(async ({ valkey, json }: { valkey?: string; json?: boolean }) => {
      const machine = await examine({ valkey });
      const items = [...machine, clientItem(), ...faultItems(), ...(await dockerLinks(machine))];
      if (json) process.stdout.write(`${JSON.stringify(items, null, 2)}\n`);
      else process.stdout.write(drawn(items));
      const missing = items.filter((item) => item.state === "missing");
      if (missing.length > 0) {
        throw new DrillError(
          "NO_VALKEY",
          `drills cannot run here yet: ${missing.map((item) => item.name).join(", ")}`,
        );
      }
    });
}

/** Which client libraries are installed. Those that are not are no lack: each is wanted only by those who use it. */
function clientItem(): DoctorItem {
  const libraries = [...LIBRARIES.values()];
  const told = libraries.map(({ name, version }) => `${name} ${version ?? "(not installed)"}`);
  const absent = libraries.filter(({ version }) => version === undefined);
  return {
    name: "client libraries",
    state: "ok",
    detail: told.join(", "),
    mend: absent.length === 0 ? undefined : `npm i ${absent.map(({ packageName }) => packageName).join(" ")}`,
  };
}

/** Which faults the process driver cannot inject on this machine, and why. */
function faultItems(): DoctorItem[] {
  const name = "faults";
  const on = { capable: processCapabilities(), name: "process driver" };
  const refused = [...FAULTS.values()].flatMap((fault) => {
    const said = availability(fault.kind, fault, { on });
    // Without a hint no machine would do: the driver never has it.
    return said.available || said.hint === undefined ? [] : [{ kind: fault.kind, why: said.hint }];
  });
  const items = [...groupBy(refused, ({ why }) => why)].map(
    ([why, faults]): DoctorItem => ({
      name,
      state: "warn",
      detail: `not ${faults.map(({ kind }) => kind).join(", ")}: ${why.replaceAll("\n", "; ")}`,
    }),
  );
  const all: DoctorItem = { name, state: "ok", detail: "the process driver can inject all that it knows" };
  return items.length > 0 ? items : [all];
}

/** Can links between containers be impaired? Nothing is said where there is no engine. */
async function dockerLinks(machine: readonly DoctorItem[]): Promise<DoctorItem[]> {
  if (machine.find((item) => item.name === "docker")?.state !== "ok") return [];
  const name = "docker links";
  const image = await findFabricImage();
  if (image) return [{ name, state: "ok", detail: `${image}: links between containers can be cut` }];
  return [{ name, state: "warn", detail: lacksFabricImage(), mend: "docker pull node:22-slim" }];
}

function drawn(items: Awaited<ReturnType<typeof examine>>): string {
  const paint = painter(wantsColour(process.stdout));
  const mark = { ok: paint.good("✓"), warn: paint.doubt("!"), missing: paint.bad("✗") };
  const width = Math.max(...items.map(({ name }) => name.length));
  return items
    .map(({ name, state, detail, mend }) => {
      const lines = [`${mark[state]} ${paint.strong(name.padEnd(width))}  ${detail}`];
      if (mend)
        lines.push(...mend.split("\n").map((line) => `  ${" ".repeat(width)}  ${paint.faint("→")} ${line}`));
      return `${lines.join("\n")}\n`;
    })
    .join("");
}
