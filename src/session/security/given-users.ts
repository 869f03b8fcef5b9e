import { DrillError } from "../../model/errors.ts";
import { ADMIN_USER } from "../../topology/users.ts";

/** A user as somebody's own ACL has it. */
export interface GivenUser {
  readonly name: string;
  /** What stands behind the word `user`. */
  readonly line: string;
  readonly rules: readonly string[];
  /** Where it stands: for errors. */
  readonly place: string;
  readonly isOff: boolean;
}

/** A line as it stands somewhere, and its words as the server has them. */
export interface UserLine extends Pick<GivenUser, "line" | "place"> {
  readonly words: readonly string[];
}

/** The users of those lines. @throws DrillError `BAD_SCENARIO` */
export function givenUsers(lines: readonly UserLine[]): GivenUser[] {
  return lines.map(({ line, place, words: [name = "", ...rules] }) => {
    if (name === "" || rules.length === 0)
      throw new DrillError(
        "BAD_SCENARIO",
        `${place}: a user has a name and rules: "app on >password ~* +@all"`,
      );
    if (name === ADMIN_USER)
      throw new DrillError("BAD_SCENARIO", `${place}: "${ADMIN_USER}" is the name of the drill's own user`);
    const isOff = rules.findLast((rule) => rule === "on" || rule === "off") !== "on" && name !== "default";
    const defaultOff = name === "default" && rules.includes("off");
    return { name, line, rules, place, isOff: isOff || defaultOff };
  });
}

/**
 * Its password, where the rules tell it: the last that was added. `""`: none is asked; `undefined`: only a hash
 * is there.
 */
export function passwordIn({ name, rules }: GivenUser): string | undefined {
  const plain = rules.findLast((rule) => rule.startsWith(">"));
  if (plain !== undefined) return plain.slice(1);
  if (rules.includes("nopass") || (name === "default" && !rules.some((rule) => rule.startsWith("#"))))
    return "";
  return undefined;
}
