import { defined, type EnvPreset, oneAddressNote } from "../preset.ts";

/** Laravel: the variables that the `config/database.php` of a new application reads. */
export const laravel: EnvPreset = {
  name: "laravel",
  summary:
    "Laravel: REDIS_HOST, REDIS_PORT, REDIS_USERNAME, REDIS_PASSWORD; with Cluster REDIS_CLUSTER=redis",
  docs: "https://laravel.com/docs/redis#configuration",
  note: (kind) =>
    kind === "ha"
      ? oneAddressNote(kind)
      : "config/database.php must have a `clusters` entry that reads REDIS_HOST and REDIS_PORT",
  variables: ({ kind, primary, access: { tls, login } }) =>
    defined({
      // A host with a scheme is how PhpRedis is told of TLS by variables alone.
      REDIS_HOST: tls ? `tls://${primary.host}` : primary.host,
      REDIS_PORT: String(primary.port),
      REDIS_USERNAME: login?.user,
      REDIS_PASSWORD: login?.password,
      REDIS_CLUSTER: kind === "cluster" ? "redis" : undefined,
    }),
};
