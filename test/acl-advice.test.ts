import { expect, it } from "vitest";
import { deniedBy, NEEDED_BY_SENTINEL, ruleName } from "../src/advise/acl.ts";
import { REHEARSAL_SOCKET } from "../src/driver/driver.ts";
import { rulesOf } from "../src/topology/users.ts";
import { testDriver } from "./support/server.ts";

/* What advise reads out of ACL rules, held against a real server: ACL DRYRUN of each command for each user. */

const RULES = [
  rulesOf("sentinel", "ha"),
  "allchannels +@all",
  "+@all",
  "allchannels -@all",
  "allchannels +@all -slaveof",
  "allchannels +@all -config",
  "allchannels +@all -config|set -client|kill",
  "allchannels +@all -@dangerous",
  "allchannels +@all -@admin +slaveof",
  "allchannels +@all -@connection",
  "allchannels +@all -@pubsub +publish",
  "allchannels +@fast +@slow",
  "allchannels +@all -@transaction",
  "resetchannels &__sentinel__:* +@all",
  "resetchannels &other:* +@all",
  "allchannels resetchannels +@all",
  "&__sentinel__:hell? +@pubsub (allchannels +@all -exec)",
  "allcommands allchannels nocommands +ping +info",
  "allchannels +@all reset on +ping",
];

it("a server denies just what advise says that it does", async () => {
  const driver = await testDriver();
  const names = RULES.map((_, at) => `user${at}`);
  const users = RULES.map((rules, at) => `user ${names[at]} on nopass ${rules}\n`).join("");
  const files = {
    "node.conf": `port 0\nunixsocket ${REHEARSAL_SOCKET}\ndir ./\nlogfile ""\nsave ""\n${users}`,
  };
  const arguments_: Record<string, string[]> = {
    PUBLISH: ["__sentinel__:hello", "1"],
    SUBSCRIBE: ["__sentinel__:hello"],
    SLAVEOF: ["NO", "ONE"],
    CLIENT: ["TYPE", "normal"],
  };
  const commands = names.flatMap((user) =>
    NEEDED_BY_SENTINEL.map(({ name, sub }) => [
      ...["ACL", "DRYRUN", user, name, ...(sub === undefined ? [] : [sub])],
      ...(arguments_[name] ?? []),
    ]),
  );
  const { replies, log } = (await driver.rehearse?.({ program: "server", files, commands })) ?? {
    log: "it cannot be asked",
  };
  expect(replies, log).toHaveLength(commands.length);
  RULES.forEach((rules, at) => {
    const first = at * NEEDED_BY_SENTINEL.length;
    const denied = NEEDED_BY_SENTINEL.filter((_, n) => replies?.[first + n] !== "OK");
    expect(deniedBy(`on ${rules}`, NEEDED_BY_SENTINEL).map(ruleName), rules).toEqual(denied.map(ruleName));
  });
});

it("a user that is off may do nothing", () => {
  expect(deniedBy("off allchannels +@all", NEEDED_BY_SENTINEL)).toEqual(NEEDED_BY_SENTINEL);
  expect(deniedBy("allchannels +@all", NEEDED_BY_SENTINEL)).toEqual(NEEDED_BY_SENTINEL);
});
