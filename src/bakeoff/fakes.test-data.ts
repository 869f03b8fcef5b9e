import type { AppClient, ApplicationTarget } from "../libraries/application.ts";
import { iovalkey } from "../libraries/iovalkey/index.ts";
import type { ClientLibrary } from "../libraries/library.ts";
import { importPackage } from "../libraries/packages.ts";

/* Libraries that do one thing wrong, on purpose, each on top of a real one: the bake-off must catch each. */

type Call = AppClient["call"];

/** Only every so many-th call goes wrong, and none before the first answer. */
const EVERY = 40;

function fake(
  name: string,
  misbehave: (call: Call, count: number, args: readonly string[]) => ReturnType<Call>,
): ClientLibrary {
  return {
    ...iovalkey,
    name,
    open: async (given) => {
      const sound = await iovalkey.open(given);
      let writes = 0;
      return {
        ...sound,
        call: (args) => {
          if (args[0] !== "RPUSH") return sound.call(args);
          writes += 1;
          return misbehave(sound.call, writes, args);
        },
      };
    },
  };
}

const isIts = (count: number) => count % EVERY === 0;
const never = () => new Promise<never>(() => {});

function nodesOf(target: ApplicationTarget) {
  if (target.kind === "dns") return [target];
  return target.kind === "ha" ? target.data : target.nodes;
}

/** Opens many connections at once, and keeps them. */
const STORM = 50;

export const libraries: readonly ClientLibrary[] = [
  fake("sound", (call, _, args) => call(args)),
  fake("loses", (call, count, args) => (isIts(count) ? Promise.resolve(count) : call(args))),
  fake("hangs", (call, count, args) => (isIts(count) ? never() : call(args))),
  fake("resends", async (call, count, args) => {
    if (isIts(count)) await call(args);
    return call(args);
  }),
  fake("crashes", (call, count, args) => {
    if (count === 200) {
      setTimeout(() => {
        throw new Error("nobody listens");
      });
    }
    return call(args);
  }),
  fake("blocks", (call, count, args) => {
    if (count === 200) for (;;);
    return call(args);
  }),
  fake("gives-up", (call, count, args) => (count > 200 ? Promise.reject(new Error("given up")) : call(args))),
  {
    ...iovalkey,
    name: "storms",
    open: async (given) => {
      const { Valkey } = await importPackage("iovalkey", () => import("iovalkey"));
      const [first] = nodesOf(given.target);
      const sound = await iovalkey.open(given);
      const others = Array.from(
        { length: STORM },
        () => new Valkey({ host: first?.host, port: first?.port }),
      );
      await Promise.all(others.map((one) => one.ping()));
      return sound;
    },
  },
  {
    ...iovalkey,
    name: "knows-one-node",
    open: async ({ target }) => {
      const { Valkey } = await importPackage("iovalkey", () => import("iovalkey"));
      const [first] = nodesOf(target);
      const client = new Valkey({ host: first?.host, port: first?.port });
      return {
        call: ([name = "", ...rest]) => client.call(name, ...rest) as ReturnType<Call>,
        close: async () => client.disconnect(),
      };
    },
  },
  {
    ...iovalkey,
    name: "cannot-connect",
    open: async () => {
      throw new Error("no way in");
    },
  },
];
