import { describe, expect, it } from "vitest";
import { lookupIn, promisedBy } from "./names.ts";

const NAME = "primary.drill.test";

describe("our names", () => {
  const names = new Map([[NAME, "127.0.0.1"]]);
  const asked: string[] = [];
  const lookup = lookupIn(names, (hostname, _, done) => {
    asked.push(hostname);
    done?.(null, "192.0.2.1", 4);
  });
  const resolve = promisedBy(lookup);

  it("mean what was said last, in each form that a caller may ask for", async () => {
    expect(await resolve(NAME)).toEqual({ address: "127.0.0.1", family: 4 });
    expect(await resolve(NAME.toUpperCase(), { all: true })).toEqual([{ address: "127.0.0.1", family: 4 }]);
    names.set(NAME, "127.0.0.2");
    expect(await resolve(NAME, 4)).toEqual({ address: "127.0.0.2", family: 4 });
    names.set(NAME, "127.0.0.1");
    expect(await new Promise((done) => lookup(NAME, (_error, address) => done(address)))).toBe("127.0.0.1");
    expect(asked).toEqual([]);
  });

  it("are not found where nobody said anything, or as IPv6", async () => {
    await expect(resolve("other.drill.test")).rejects.toMatchObject({ code: "ENOTFOUND" });
    await expect(resolve(NAME, { family: 6 })).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  it("leave other names to the system", async () => {
    expect(await resolve("example.org")).toEqual({ address: "192.0.2.1", family: 4 });
    expect(asked).toEqual(["example.org"]);
  });
});
