import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { DrillError, messageOf } from "../../model/errors.ts";
import type { PasswordSpec } from "../../topology/security-spec.ts";

/** A password that nobody can guess. Letters and digits only: it stands in files of several formats. */
export const newPassword = (): string => randomBytes(24).toString("hex");

/** As ACL rules have it: `#…`. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * A password as it is; `given` may say where it stands.
 *
 * @param place where it was asked for, for the error: `topology.auth.password`
 * @throws DrillError `BAD_SCENARIO`
 */
export async function passwordOf(given: PasswordSpec | undefined, place: string): Promise<string> {
  if (given === undefined || given === true) return newPassword();
  if (typeof given === "string") return checked(given, place);
  if ("env" in given) {
    const value = process.env[given.env];
    if (value) return checked(value, place);
    throw new DrillError("BAD_SCENARIO", `${place}.env: the environment variable ${given.env} is not set`, {
      hint: `Set it, or write \`true\` for a new password each time.`,
    });
  }
  const text = await readFile(given.file, "utf8").catch((cause: unknown) => {
    throw new DrillError("BAD_SCENARIO", `${place}.file: ${messageOf(cause)}`, { cause });
  });
  const [line = ""] = text.split(/\r?\n/);
  if (line !== "") return checked(line, place);
  throw new DrillError("BAD_SCENARIO", `${place}.file: the first line of ${given.file} is empty`);
}

/** A configuration file has a directive on each line. */
function checked(password: string, place: string): string {
  if (!/[\0\r\n]/.test(password)) return password;
  throw new DrillError("BAD_SCENARIO", `${place}: a password cannot have a line break in it`);
}
