import { type EnvPreset, oneAddressNote } from "../preset.ts";
import { serverUrl } from "../server-url.ts";

/** Django with django-environ: `CACHES = { "default": env.cache_url() }`. */
export const django: EnvPreset = {
  name: "django",
  summary: "Django with django-environ: CACHE_URL, which env.cache_url() reads",
  docs: "https://django-environ.readthedocs.io/en/latest/types.html",
  misfit: (kind) =>
    kind === "cluster" ? "Django's cache for Redis speaks to single servers, not to a cluster" : undefined,
  note: oneAddressNote,
  variables: (places) => ({ CACHE_URL: serverUrl(places, places.primary) }),
};
