import type { Places } from "../places.ts";
import type { EnvPreset } from "../preset.ts";
import { loginPart } from "../server-url.ts";

/** Celery: the broker and the result backend as a list of Sentinels. */
export const celery: EnvPreset = {
  name: "celery",
  summary: "Celery: CELERY_BROKER_URL and CELERY_RESULT_BACKEND: sentinel://host:port;sentinel://host:port",
  docs: "https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html#configuration",
  misfit: (kind) =>
    kind === "cluster" ? "Celery documents single servers and Sentinels, and no cluster" : undefined,
  note: () =>
    "Celery reads the name of the primary from broker_transport_options alone: set `master_name` there to the " +
    "variable REDIS_SENTINEL_MASTER_NAME, and what TLS or the Sentinels' password need",
  variables: (places) => ({
    CELERY_BROKER_URL: sentinelUrls(places),
    CELERY_RESULT_BACKEND: sentinelUrls(places),
  }),
};

/** The login is that of the data nodes; the Sentinels' own goes into `sentinel_kwargs`. */
function sentinelUrls({ sentinels, access: { login } }: Places): string {
  return sentinels.map(({ host, port }) => `sentinel://${loginPart(login)}${host}:${port}`).join(";");
}
