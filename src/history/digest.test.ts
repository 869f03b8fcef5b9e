import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunningDigest } from "./digest.ts";

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

function digestsOf(pieces: readonly Buffer[]) {
  const digest = new RunningDigest();
  for (const piece of pieces) digest.add(piece);
  return digest.digests();
}

/** A history of these lines, and the line that ends it. */
function ended(lines: string): string {
  const digest = new RunningDigest();
  digest.add(Buffer.from(lines));
  return lines + digest.lastLine('{"type":"end"}');
}

describe("the digest of a history", () => {
  it("is that of all bytes before it, however they come in pieces", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.array(fc.nat(120)), (lines, lengths) => {
        const bytes = Buffer.from(ended(lines));
        const pieces: Buffer[] = [];
        let from = 0;
        for (const length of lengths) {
          pieces.push(bytes.subarray(from, from + length));
          from += length;
        }
        const { computed, stated } = digestsOf([...pieces, bytes.subarray(from)]);
        expect(computed).toBe(sha256(`${lines}{"type":"end"`));
        expect(stated).toBe(computed);
      }),
    );
  });

  it("is what `head -c -85 history.jsonl | sha256sum` gives", () => {
    const text = ended("some lines\n");
    expect(digestsOf([Buffer.from(text)]).stated).toBe(sha256(text.slice(0, -85)));
  });

  it("is of all bytes, where the file does not end with one", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(digestsOf([Buffer.from(text)])).toEqual({ computed: sha256(text) });
      }),
    );
    expect(digestsOf([])).toEqual({ computed: sha256("") });
    expect(digestsOf([Buffer.from(`${ended("x\n")} `)])).toEqual({ computed: sha256(`${ended("x\n")} `) });
  });

  it("takes no buffer for its own that is used again", () => {
    const digest = new RunningDigest();
    const piece = Buffer.alloc(200, "a");
    digest.add(piece);
    piece.fill("b");
    expect(digest.digests().computed).toBe(sha256("a".repeat(200)));
  });
});
