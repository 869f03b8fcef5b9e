import type { NodePlan, Plan } from "../../model/plan.ts";

/*
 * The Compose files as text, with variables that Compose itself fills in. The text is what is committed in the
 * project's root (for the default counts), and what the driver uses, with other values for the same variables.
 */

/** Ports and subnet of a Compose file that is used by itself. */
export interface ComposeDefaults {
  /** First three numbers of the network's addresses. */
  readonly subnet: string;
  /** The port of a node, inside and outside of its container. */
  port(node: NodePlan, index: number): number;
}

/** Last number of a node's address: .1 is the network's gateway. */
export const FIRST_ADDRESS = 11;

/** `PRIMARY_PORT`, `REPLICA_1_PORT`: the variable that holds a node's port. */
export function portVariable(name: string): string {
  return `${name.toUpperCase().replaceAll("-", "_")}_PORT`;
}

/** `${PRIMARY_PORT:-6379}` and `${VALKEY_SUBNET:-10.213.1}.11`, as they stand in the file. */
export function placesOf(nodes: readonly NodePlan[], defaults: ComposeDefaults): Map<string, Place> {
  return new Map(
    nodes.map((node, index) => [
      node.name,
      {
        port: `\${${portVariable(node.name)}:-${defaults.port(node, index)}}`,
        host: `${subnetVariable(defaults)}.${FIRST_ADDRESS + index}`,
      },
    ]),
  );
}

export interface Place {
  readonly host: string;
  readonly port: string;
}

const subnetVariable = ({ subnet }: ComposeDefaults) => `\${VALKEY_SUBNET:-${subnet}}`;

/** Processors that a node may use. */
export const NODE_CPUS = "1.0";

/** What every node has in common, as a YAML anchor. `$$` is Compose's way to write `$`. */
export const COMMON_NODE = `x-node: &node
  image: \${VALKEY_IMAGE:-valkey/valkey:8.1}
  user: "999:999" # valkey in the official image: never root
  read_only: true # only /data can be written to
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  restart: "no" # a killed node stays dead, as a lost machine does; \`docker compose start\` brings it back with its data
  stop_grace_period: 10s # SIGTERM: the node saves its data; after that SIGKILL
  mem_limit: 256m
  cpus: ${NODE_CPUS} # a node that spins must not starve the others: a starved node looks dead to them
  pids_limit: 64
  entrypoint: [sh, -euc]
  command:
    - |
      # A node's configuration is its own file in its volume: Sentinel and CONFIG REWRITE change it when roles change.
      # It is made at the first start only, so that a node comes back as what it was.
      cd /data
      umask 077
      if [ ! -e node.conf ]; then
        {
          if [ -e /config/node.conf ]; then cat /config/node.conf; fi
          printf '%s\\n' "$$NODE_CONF"
          if [ -n "$\${VALKEY_PASSWORD:-}" ]; then
            password=$$(printf '%s' "$$VALKEY_PASSWORD" | sed 's/[\\\\"]/\\\\&/g')
            case $$PROGRAM in
              valkey-sentinel) printf 'sentinel auth-pass drill "%s"\\n' "$$password" ;;
              *) printf 'requirepass "%s"\\nprimaryauth "%s"\\n' "$$password" "$$password" ;;
            esac
          fi
        } > node.conf.new
        if [ -n "$\${NODES_CONF:-}" ]; then printf '%s' "$$NODES_CONF" > nodes.conf; fi
        mv node.conf.new node.conf
      fi
      exec "$$PROGRAM" node.conf
`;

/** Data nodes. */
export const DATA_ENVIRONMENT = `x-data: &data
  PROGRAM: valkey-server
  VALKEY_PASSWORD: \${VALKEY_PASSWORD:-}
`;

/** For a health check: `valkey-cli` takes a password from the environment, but must not find an empty one there. */
export const LOG_IN = '[ -z "$$VALKEY_PASSWORD" ] || export REDISCLI_AUTH="$$VALKEY_PASSWORD"';

/** Lines moved to the right. */
export function indented(lines: readonly string[], by: number): string {
  return lines.map((line) => `${" ".repeat(by)}${line}`).join("\n");
}

/** Where a node keeps its data, its part of the configuration, its port, and its fixed address. */
export function placed({ name }: NodePlan, { host, port }: Place, configuration: string): string {
  return `    volumes:
      - ${name}:/data
      - ./deploy/${configuration}:/config/node.conf:ro
    ports: ["127.0.0.1:${port}:${port}"]
    networks:
      default:
        ipv4_address: ${host}
`;
}

/** How often a node's health is looked at, behind its test. */
export const NODE_HEALTH_PACE = `      interval: 1s
      timeout: 2s
      retries: 30
`;

/** The end of a file: the network with fixed addresses, and a volume for each node. */
export function networkAndVolumes(
  plan: Plan,
  defaults: ComposeDefaults,
  whyFixed: readonly string[],
): string {
  return `networks:
  default:
    ipam:
      config:
${indented(
  whyFixed.map((line) => `# ${line}`),
  8,
)}
        - subnet: ${subnetVariable(defaults)}.0/24

volumes:
${indented(
  plan.nodes.map(({ name }) => `${name}:`),
  2,
)}
`;
}
