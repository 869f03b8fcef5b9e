import { type EnvPreset, oneAddressNote } from "../preset.ts";
import { serverUrl } from "../server-url.ts";

/** `VALKEY_URL`, with the scheme that Valkey's own clients take. */
export const valkeyUrl: EnvPreset = {
  name: "valkey-url",
  summary: "VALKEY_URL: valkey://user:password@host:port, valkeys:// with TLS",
  docs: "https://valkey-py.readthedocs.io/en/latest/connections.html",
  note: oneAddressNote,
  variables: (places) => ({ VALKEY_URL: serverUrl(places, places.primary, "valkey") }),
};
