import type { Credentials } from "../model/access.ts";

/** What follows `AUTH` to log in. */
export function authWords({ user, password }: Credentials): string[] {
  return user === undefined ? [password] : [user, password];
}
