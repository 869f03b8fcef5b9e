import type { ClientOptions, ConnectionEvent } from "../../../client/client.ts";

/**
 * Tells of each connection once that it is ready, and once that it is lost. The library itself tells of every attempt.
 */
export class Connections {
  readonly #role: ConnectionEvent["role"];
  readonly #tell: NonNullable<ClientOptions["onEvent"]>;
  readonly #ready = new Set<string>();

  constructor(role: ConnectionEvent["role"], tell: ClientOptions["onEvent"]) {
    this.#role = role;
    this.#tell = tell ?? (() => {});
  }

  ready(address: string | undefined): void {
    if (address === undefined || this.#ready.has(address)) return;
    this.#ready.add(address);
    this.#tell({ event: "ready", role: this.#role, address });
  }

  lost(address: string): void {
    if (this.#ready.delete(address)) this.#tell({ event: "lost", role: this.#role, address });
  }

  lostAll(): void {
    for (const address of [...this.#ready]) this.lost(address);
  }

  reconnecting(): void {
    this.#tell({ event: "reconnecting", role: this.#role });
  }

  rerouted(address: string): void {
    this.#tell({ event: "rerouted", role: this.#role, address });
  }
}

/** `host:port` */
export const addressText = ({ host, port }: { readonly host: string; readonly port: number }) =>
  `${host}:${port}`;
