import { type EnvPreset, oneAddressNote } from "../preset.ts";
import { serverUrl } from "../server-url.ts";

/** `REDIS_URL`, which many platforms set and many applications read. */
export const redisUrl: EnvPreset = {
  name: "redis-url",
  summary: "REDIS_URL: redis://user:password@host:port, rediss:// with TLS",
  docs: "https://www.iana.org/assignments/uri-schemes/prov/redis",
  note: oneAddressNote,
  variables: (places) => ({ REDIS_URL: serverUrl(places, places.primary) }),
};
