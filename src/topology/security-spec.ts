import { z } from "zod";

/** A password as a scenario gives it: as it is, or where it stands; `true`: a new one each time, which nobody needs to know. */
const password = z
  .union([
    z.string().min(1),
    z.literal(true),
    z.strictObject({ env: z.string().min(1) }),
    z.strictObject({ file: z.string().min(1) }),
  ])
  .describe("The password itself, true (a new one each time), { env: NAME } or { file: PATH }.");
export type PasswordSpec = z.infer<typeof password>;

const user = z
  .strictObject({
    name: z
      .string()
      .regex(/^[^\s"'>#]+$/, "is no name of a user")
      .optional()
      .describe("Default: application, replication, sentinel."),
    password: password.optional().describe("Default: a new one each time."),
    rules: z
      .string()
      .optional()
      .describe("ACL rules in place of the least that this user needs: '~app:* +@read +set'."),
  })
  .prefault({});
export type UserSpec = z.infer<typeof user>;

const path = z.string().min(1);

/** TLS everywhere, and no plain port. */
export const tlsSpecSchema = z
  .union([
    z.boolean(),
    z.strictObject({
      clientAuth: z
        .enum(["required", "optional", "no"])
        .default("optional")
        .describe("Must clients show a certificate? tls-auth-clients yes, optional or no."),
      certificates: z
        .strictObject({ ca: path, cert: path, key: path })
        .optional()
        .describe(
          "PEM files of your own: one certificate for all nodes and clients. Default: made anew each time.",
        ),
    }),
  ])
  .optional()
  .describe("TLS for clients, replication, the cluster bus and Sentinel; the plain ports are off.");
export type TlsSpec = z.infer<typeof tlsSpecSchema>;

/** The same topology with TLS, if it has none. */
export function withTls<T extends { readonly tls?: TlsSpec }>(spec: T): T {
  return spec.tls ? spec : { ...spec, tls: true };
}

/** Who must log in, and who may do what. */
export const authSpecSchema = z
  .union([
    z.strictObject({
      password,
      sentinelPassword: password.optional().describe("Asked by the Sentinels themselves. Default: none."),
    }),
    z.strictObject({
      users: z
        .strictObject({ application: user, replication: user, sentinel: user })
        .describe(
          "ACL users with the least that each needs; the default user is off. {} takes every default.",
        ),
      sentinelPassword: password
        .optional()
        .describe("Asked by the Sentinels themselves. Default: a new one each time."),
    }),
  ])
  .optional()
  .describe("One password for all, or a user for each job.");
export type AuthSpec = z.infer<typeof authSpecSchema>;
