import type { Plan } from "../../model/plan.ts";
import type { FabricNode } from "./fabric.ts";

/** Does any connection of that plan pass through a fabric? */
export function needsFabric(plan: Plan): boolean {
  return plan.nodes.some((node) => node.endpoint.fabric);
}

/** The nodes of that plan as a fabric is told of them. */
export function fabricNodes(plan: Plan): FabricNode[] {
  return plan.nodes.flatMap(({ name, endpoint: { host, port, busPort, announced, fabric } }) =>
    fabric && announced
      ? [
          {
            name,
            host: fabric.containerHost ?? host,
            callsFromHost: fabric.containerHost === undefined,
            announcedHost: announced.host,
            spareHost: fabric.spare?.host,
            ports: busPort === undefined ? [port] : [port, busPort],
          },
        ]
      : [],
  );
}
