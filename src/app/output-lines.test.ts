import { describe, expect, it } from "vitest";
import { clientPortOf, connectionOf, isOfTopology, parseClientList } from "./client-list.ts";
import { LineFilter } from "./lines.ts";
import { shellText } from "./shell-command.ts";

describe("a line of output", () => {
  const why = (line: string, never?: RegExp) => new LineFilter(never).take(line, "stdout", 0)?.why;

  it("matters if it tells of an error, most of all of one that nobody handled", () => {
    expect(why("event 17")).toBeUndefined();
    expect(why("listening at 3000")).toBeUndefined();
    expect(why("error: connect ECONNREFUSED 127.0.0.1:1")).toBe("error");
    expect(why("ReplyError: READONLY You can't write")).toBe("error");
    expect(why("Traceback (most recent call last):")).toBe("unhandled-error");
    expect(why("panic: runtime error: index out of range")).toBe("unhandled-error");
    expect(why("(node:1) UnhandledPromiseRejectionWarning: x")).toBe("unhandled-error");
    expect(why("java.lang.OutOfMemoryError", /OutOfMemory/)).toBe("never");
  });

  it("is recorded a few times a second at most, forbidden ones always", () => {
    const filter = new LineFilter(/never/);
    const told = Array.from({ length: 100 }, () => filter.take("error", "stderr", 5e8)).filter(Boolean);
    expect(told.length).toBe(5);
    expect(filter.take("error", "stderr", 1.5e9)).toBeDefined();
    const all = Array.from({ length: 100 }, () => filter.take("never", "stderr", 5e8)).filter(Boolean);
    expect(all.length).toBe(100);
  });
});

describe("CLIENT LIST", () => {
  const [line, sentinel] = parseClientList(
    "id=7 addr=127.0.0.1:5000 laddr=127.0.0.1:6379 fd=9 name=orders age=12 idle=3 flags=b db=0 sub=1 psub=2 ssub=0 " +
      "cmd=blpop user=default lib-name=lib lib-ver=1.2\n" +
      "id=8 addr=127.0.0.1:5001 name=sentinel-abc-cmd age=1 idle=0 flags=N cmd=ping lib-name= lib-ver=\n",
  );

  it("tells of a connection what a history keeps", () => {
    expect(line && connectionOf(line, "app-1")).toEqual({
      ...{ id: 7, instance: "app-1", from: "127.0.0.1:5000", name: "orders", library: "lib 1.2" },
      ...{ command: "blpop", ageS: 12, idleS: 3, flags: "b", blocked: true, subscriptions: 3 },
    });
    expect(line && clientPortOf(line)).toBe(5000);
  });

  it("tells apart the topology's own", () => {
    expect(line && isOfTopology(line)).toBe(false);
    expect(sentinel && isOfTopology(sentinel)).toBe(true);
  });
});

describe("a command line", () => {
  const env = { PATH: process.env.PATH };

  it("takes the shell's place where it is a single program", () => {
    expect(shellText("sleep 1", env)).toBe("exec sleep 1");
    expect(shellText("./server --name 'a;b'", env)).toBe("exec ./server --name 'a;b'");
    expect(shellText("'/opt/my node/bin/node' -e 1", env)).toBe("exec '/opt/my node/bin/node' -e 1");
    expect(shellText('sleep "$TIME"', env)).toBe('exec sleep "$TIME"');
  });

  it.each([
    "exit 7",
    "sleep 1; sleep 2",
    "sleep 1 && true",
    "A=1 sleep 1",
    "sleep `cat x`",
    "no-such-program",
  ])("stays the shell's: %s", (command) => expect(shellText(command, env)).toBe(command));
});
