import { z } from "zod";

const addressSchema = z.object({ host: z.string(), port: z.int() });

const endpointSchema = addressSchema.extend({
  busPort: z.int().optional(),
  announced: addressSchema.optional(),
  hostname: z.string().optional(),
  fabric: z
    .object({
      clients: z.boolean(),
      tellsClients: z.boolean(),
      containerHost: z.string().optional(),
      published: addressSchema.optional(),
      spare: addressSchema.optional(),
    })
    .optional(),
});

const credentialsSchema = z.object({ user: z.string().optional(), password: z.string() });
const loginsSchema = z.object({
  admin: credentialsSchema.optional(),
  application: credentialsSchema.optional(),
});

const securitySchema = z.object({
  tls: z
    .object({
      ca: z.string(),
      cert: z.string().optional(),
      key: z.string().optional(),
      caKey: z.string().optional(),
      clientAuth: z.enum(["required", "optional", "no"]),
    })
    .optional(),
  data: loginsSchema.optional(),
  sentinel: loginsSchema.optional(),
  internal: z
    .object({ replication: credentialsSchema.optional(), sentinel: credentialsSchema.optional() })
    .optional(),
  files: z
    .object({
      ca: z.string().optional(),
      cert: z.string().optional(),
      key: z.string().optional(),
      password: z.string().optional(),
      sentinelPassword: z.string().optional(),
    })
    .optional(),
});

/** A plan as it is written down for other processes. */
export const planSchema = z.object({
  kind: z.enum(["ha", "cluster"]),
  nodes: z.array(
    z.object({
      name: z.string(),
      role: z.enum(["primary", "replica", "sentinel"]),
      program: z.enum(["server", "sentinel"]),
      endpoint: endpointSchema,
      id: z.string().optional(),
      shard: z.int().optional(),
      zone: z.string().optional(),
      files: z.record(z.string(), z.string()),
      secret: z.boolean().optional(),
      wave: z.int(),
    }),
  ),
  shards: z.array(
    z.object({
      shard: z.int(),
      slots: z.array(z.tuple([z.int(), z.int()])),
      primary: z.string(),
      replicas: z.array(z.string()),
    }),
  ),
  sentinelGroup: z.string().optional(),
  quorum: z.int().optional(),
  clientZone: z.string().optional(),
  security: securitySchema.optional(),
});
