import { statSync } from "node:fs";
import { DrillError } from "../../model/errors.ts";
import { withFileLock } from "../file-lock.ts";
import { type EnvironmentRecord, readRecord, recordPath, writeRecord } from "./state.ts";

/**
 * The record of one living environment, for those who change it: the process that started it, and any that has
 * attached to it since. Changes made at about the same time are written together.
 */
export class StateFile {
  readonly #stateDir: string;
  readonly #path: string;
  #record: EnvironmentRecord;
  #stamp: string | undefined;
  #changes: ((record: EnvironmentRecord) => void)[] = [];
  #next: Promise<void> | undefined;

  constructor(stateDir: string, record: EnvironmentRecord) {
    this.#stateDir = stateDir;
    this.#path = recordPath(stateDir, record.id);
    this.#record = record;
  }

  /** The record as it is on disk now; as it last was, if the environment has been cleared away. */
  get record(): EnvironmentRecord {
    this.#refresh();
    return this.#record;
  }

  /** Writes it for the first time. */
  create(): void {
    writeRecord(this.#stateDir, this.#record);
    this.#stamp = stampOf(this.#path);
  }

  /** Resolves once the change is on disk. @throws DrillError `NO_ENVIRONMENT` if it has been cleared away meanwhile. */
  update(change: (record: EnvironmentRecord) => void): Promise<void> {
    this.#changes.push(change);
    this.#next ??= Promise.resolve().then(() => {
      this.#next = undefined;
      return withFileLock(`${this.#path}.lock`, () => this.#write());
    });
    return this.#next;
  }

  #write(): void {
    const changes = this.#changes;
    this.#changes = [];
    if (changes.length === 0) return; // a write that was waiting for the same lock has taken them along
    if (!this.#refresh()) {
      throw new DrillError(
        "NO_ENVIRONMENT",
        `environment ${this.#record.id} is gone: another process closed it`,
      );
    }
    for (const change of changes) change(this.#record);
    writeRecord(this.#stateDir, this.#record);
    this.#stamp = stampOf(this.#path);
  }

  /** @returns false if there is no record any more. */
  #refresh(): boolean {
    const stamp = stampOf(this.#path);
    if (stamp === undefined) return false;
    if (stamp === this.#stamp) return true;
    const record = readRecord(this.#path);
    if (record.phase === "held") return false;
    this.#record = record;
    this.#stamp = stamp;
    return true;
  }
}

/** Changes whenever the file is replaced. */
function stampOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
}
