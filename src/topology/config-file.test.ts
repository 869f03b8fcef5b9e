import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ConfigSource, parseConfig, readConfig } from "./config-file.ts";

const one = (line: string) => parseConfig(line, "a.conf")[0];
const told = (read: { directives: readonly { name: string; written: readonly string[] }[] }) =>
  read.directives.map(({ name, written }) => [name, ...written].join(" "));

describe("a line of a configuration file", () => {
  it.each([
    ['requirepass "a b\\x41\\n\\"c"', ['a bA\n"c']],
    ["requirepass 'it\\'s'", ["it's"]],
    ["requirepass 'a\\b'", ["a\\b"]],
    ['save ""', [""]],
    ["  SAVE\t900 1 \r", ["900", "1"]],
    ["requirepass foo#bar", ["foo#bar"]],
    ['"maxmemory" 1mb', ["1mb"]],
  ])("%j has the arguments that the server sees", (line, args) => {
    expect(one(line)?.args).toEqual(args);
  });

  it.each(['a "b', "a 'b", 'a "b"c', "a 'b\\'", "a 'b\\\\'"])("%j is refused with its line", (line) => {
    expect(() => parseConfig(`\n# x\n${line}`, "a.conf")).toThrow(/^a\.conf:3: quotes are not balanced/);
  });

  it("keeps quotes where they mean something, and only there", () => {
    expect(one('rename-command CONFIG ""')?.written).toEqual(["CONFIG", '""']);
    expect(one('dbfilename "dump.rdb"')?.written).toEqual(["dump.rdb"]);
    expect(one('requirepass "a b"')?.written).toEqual(['"a b"']);
  });

  it("is written so that it reads the same again", () => {
    const quoted = fc.string({ unit: "grapheme-ascii" }).map((text) => JSON.stringify(text));
    fc.assert(
      fc.property(fc.array(quoted, { minLength: 1 }), (words) => {
        const first = one(`name ${words.join(" ")}`);
        expect(one(`name ${first?.written.join(" ")}`)?.args).toEqual(first?.args);
      }),
    );
  });

  it("does not show what may be a secret", () => {
    expect(() => one('requirepass "hunter2')).toThrow(/: requirepass …$/);
  });
});

function files(given: Record<string, string>): ConfigSource {
  const join = (folder: string, path: string) => (path.startsWith("/") ? path : `${folder}/${path}`);
  return {
    folder: "/cwd",
    resolve: join,
    dirname: (path) => path.slice(0, path.lastIndexOf("/")),
    shown: (path) => path,
    read: async (path) => given[path],
    matching: async (pattern) =>
      Object.keys(given).filter((path) => new RegExp(`^${pattern.replaceAll("*", "[^/]*")}$`).test(path)),
  };
}

describe("a file that includes others", () => {
  it("has their directives in its place, taken from where the server is started", async () => {
    const read = await readConfig(
      "/etc/a.conf",
      files({
        "/etc/a.conf": "maxmemory 1\ninclude b.conf\nmaxmemory 3",
        "/etc/b.conf": "maxmemory beside",
        "/cwd/b.conf": "maxmemory 2",
      }),
    );
    expect(told(read)).toEqual(["maxmemory 1", "maxmemory 2", "maxmemory 3"]);
    expect(read.notes).toEqual([]);
    expect(read.files).toEqual(["/etc/a.conf", "/cwd/b.conf"]);
  });

  it("takes them from the folder that dir named before", async () => {
    const given = {
      "/etc/a.conf": "dir /data\ninclude b.conf",
      "/data/b.conf": "hz 20",
      "/cwd/b.conf": "hz 5",
    };
    expect(told(await readConfig("/etc/a.conf", files(given)))).toEqual(["dir /data", "hz 20"]);
  });

  it("tells where it took one from beside the file", async () => {
    const read = await readConfig(
      "/etc/a.conf",
      files({ "/etc/a.conf": "include b.conf", "/etc/b.conf": "hz 20" }),
    );
    expect(told(read)).toEqual(["hz 20"]);
    expect(read.notes).toEqual([
      expect.stringMatching(/^\/etc\/a\.conf:1: include b\.conf is taken from beside/),
    ]);
  });

  it("takes all that a pattern means, nested, and nothing if it means none", async () => {
    const read = await readConfig(
      "/etc/a.conf",
      files({
        "/etc/a.conf": "include /etc/d/*.conf\ninclude /none/*.conf",
        "/etc/d/1.conf": "hz 1",
        "/etc/d/2.conf": "include /etc/deep",
        "/etc/deep": "hz 2",
      }),
    );
    expect(told(read)).toEqual(["hz 1", "hz 2"]);
  });

  it.each([
    ["include /etc/none", /^\/etc\/a\.conf:1: include: there is no file \/etc\/none$/],
    [
      "include /etc/b.conf",
      /^\/etc\/b\.conf:1: include: .*without end: \/etc\/a\.conf → \/etc\/b\.conf → \/etc\/a\.conf$/,
    ],
    ["include", /^\/etc\/a\.conf:1: include takes one path$/],
    ["include a b", /^\/etc\/a\.conf:1: include takes one path$/],
  ])("is refused for %j", async (text, message) => {
    const given = files({ "/etc/a.conf": text, "/etc/b.conf": "include /etc/a.conf" });
    await expect(readConfig("/etc/a.conf", given)).rejects.toThrow(message);
  });
});
