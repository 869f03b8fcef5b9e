import { type EnvPreset, oneAddressNote } from "../preset.ts";
import { serverUrl } from "../server-url.ts";

/** Rails: Action Cable's `config/cable.yml` of a new application, and redis-rb itself, read `REDIS_URL`. */
export const rails: EnvPreset = {
  name: "rails",
  summary: "Rails: REDIS_URL, as config/cable.yml, redis-rb and Sidekiq read it",
  docs: "https://github.com/redis/redis-rb#getting-started",
  misfit: (kind) =>
    kind === "cluster"
      ? "redis-rb takes REDIS_URL for a single server; with a cluster it needs the gem redis-clustering and a list " +
        "of nodes (--set NODES='{{nodes}}')"
      : undefined,
  note: oneAddressNote,
  variables: (places) => ({ REDIS_URL: serverUrl(places, places.primary) }),
};
