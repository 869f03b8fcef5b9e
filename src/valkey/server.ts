/** A program that can be started: `command`, then `args`, then its own arguments, with `env` added to ours. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A server program that can be started: `command`, then `args`, then the server's own arguments.
 * `args` is empty for an installed server; a server fetched for an older system starts through its own loader
 * (`ld-linux-x86-64.so.2 --library-path …`).
 */
export interface ValkeyServer extends ServerCommand {
  /** `valkey` or `redis`. */
  readonly flavour: "valkey" | "redis";
  /** Full version, e.g. `8.1.1`. */
  readonly version: string;
  /** What the operating system will show as the program of the running process (`/proc/<pid>/exe`). */
  readonly executable: string;
  /** Where it was found. */
  readonly origin: "given" | "cache" | "path" | "fetched";
  /** `valkey-cli` (or `redis-cli`) of the same version, where it stands beside the server. */
  readonly cli?: ServerCommand;
}
