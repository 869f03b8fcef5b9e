import { createHash } from "node:crypto";

/** What every digest begins with: how it was made. */
const ALGORITHM = "sha256";
const HEX_DIGITS = 64;
const BEFORE = `,"digest":"${ALGORITHM}:`;
const AFTER = '"}\n';
/** How the last line ends, always in the same form: all bytes before that are what the digest is of. */
const ENDING_BYTES = BEFORE.length + HEX_DIGITS + AFTER.length;
const ENDING = new RegExp(`^${BEFORE}([0-9a-f]{${HEX_DIGITS}})"}\n?$`);

/** What the bytes of a history say of themselves. */
export interface Digests {
  /**
   * `sha256:` and 64 hexadecimal digits: of all bytes before the digest in the last line; of all, where there is none.
   */
  readonly computed: string;
  /** What the last line says; absent: it does not end as the last line of a history does. */
  readonly stated?: string;
}

/** Computes the digest of a history from its bytes, in pieces of any size. */
export class RunningDigest {
  readonly #hash = createHash(ALGORITHM);
  /** The last bytes seen: they may be how the last line ends. */
  #held: Buffer = Buffer.alloc(0);

  add(bytes: Buffer): void {
    if (bytes.length >= ENDING_BYTES) {
      this.#hash.update(this.#held);
      this.#hash.update(bytes.subarray(0, bytes.length - ENDING_BYTES));
      this.#held = Buffer.from(bytes.subarray(bytes.length - ENDING_BYTES)); // a copy: the bytes may be used again
      return;
    }
    const all = Buffer.concat([this.#held, bytes]);
    const spare = Math.max(0, all.length - ENDING_BYTES);
    this.#hash.update(all.subarray(0, spare));
    this.#held = all.subarray(spare);
  }

  /** Of what was added until now; more may follow. */
  digests(): Digests {
    const whole = this.#held.at(-1) === AFTER.charCodeAt(AFTER.length - 1);
    const from = Math.max(0, this.#held.length - ENDING_BYTES + (whole ? 0 : 1));
    const stated = ENDING.exec(this.#held.toString("latin1", from))?.[1];
    const hash = this.#hash.copy().update(stated === undefined ? this.#held : this.#held.subarray(0, from));
    const computed = named(hash.digest("hex"));
    return stated === undefined ? { computed } : { computed, stated: named(stated) };
  }

  /** The last line of a history: that text of an object, and the digest of all that was added, the text included. */
  lastLine(text: string): string {
    const open = text.slice(0, -1);
    const hash = this.#hash.copy().update(this.#held).update(open);
    return `${open}${BEFORE}${hash.digest("hex")}${AFTER}`;
  }
}

function named(hex: string): string {
  return `${ALGORITHM}:${hex}`;
}
