/** What not every client library can do, in words: `it cannot …`. */
export const CLIENT_ABILITIES = {
  subscribe: "keep a subscription to channels",
  "subscribe-sharded": "keep a subscription to sharded channels (SSUBSCRIBE)",
  pin: "keep WATCH and EXEC on one connection that is never replaced unseen",
} as const;

/** One of them. */
export type ClientAbility = keyof typeof CLIENT_ABILITIES;

/** `why`: what it lacks, in a few words; `issue`: where its makers say so. */
export type Support = true | { readonly why: string; readonly issue: string };

/** What a client library can do. What is absent it does not say of itself, so it cannot be used for that. */
export type ClientAbilities = Readonly<Partial<Record<ClientAbility, Support>>>;
