import { expect, it } from "vitest";
import { parseConfig } from "./config-file.ts";
import { topologySpecSchema } from "./spec.ts";
import { withServerConfig } from "./with-config.ts";

it("a file's TLS is the topology's: its ports and certificates are replaced, and its ciphers hold", () => {
  const owned = [
    "tls-port 6379",
    "tls-replication yes",
    "tls-cert-file /etc/a.crt",
    "tls-client-key-file /etc/a.key",
  ];
  const directives = parseConfig([...owned, "tls-prefer-server-ciphers yes"].join("\n"), "valkey.conf");
  const spec = withServerConfig(topologySpecSchema.parse({ kind: "ha" }), {
    files: ["valkey.conf"],
    directives,
    notes: [],
  });
  expect(spec.config).toEqual({ "tls-prefer-server-ciphers": "yes" });
  expect(spec.origin?.replaced.map(({ text }) => text)).toEqual(owned);
});
