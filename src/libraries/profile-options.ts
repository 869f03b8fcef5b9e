import type { Setting } from "./application.ts";

type Options = Record<string, unknown>;

/**
 * The options object that the settings make: `redisOptions.connectTimeout` becomes `{ redisOptions: { connectTimeout }
 * }`.
 */
export function optionsOf(settings: readonly Setting[]): Options {
  const options: Options = {};
  for (const { option, value } of settings) {
    const path = option.split(".");
    const last = path.pop() as string;
    const place = path.reduce((inner, name) => {
      inner[name] ??= {};
      return inner[name] as Options;
    }, options);
    place[last] = value;
  }
  return options;
}
