import type { ClientHelp } from "../../model/client-help.ts";

const REFERENCE = "docs/clients.md#iovalkey-and-ioredis";

/** What the tables of `docs/clients.md` show of the family. */
export function familyHelp(library: string): readonly ClientHelp[] {
  const own = { library, libNames: [library] };
  return [
    {
      ...own,
      symptom: "frozen-primary",
      topology: "ha",
      option: "socketTimeout: 2000",
      measured:
        "With a primary that was frozen and replaced: outage 4.3–4.8 s, against 10.7–11.6 s without, until it woke; " +
        "commandTimeout ended calls, not the outage",
      reference: REFERENCE,
    },
    {
      ...own,
      symptom: "demoted-primary",
      topology: "ha",
      option: 'reconnectOnError: (error) => (error.message.startsWith("READONLY") ? 2 : false)',
      measured:
        "Behind one name that led to a demoted primary, the new one was found 0.0–0.3 s after the name led there; " +
        "without it the client stayed with the replica",
      reference: "docs/clients.md#one-dns-name-and-addresses-that-change",
    },
  ];
}
