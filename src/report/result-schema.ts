import { z } from "zod";
import { ADVISE_SCHEMA_VERSION, adviseSchema } from "../model/advise.ts";
import { BAKEOFF_SCHEMA_VERSION, bakeoffSchema } from "../model/bakeoff.ts";
import { EXPLANATION_SCHEMA_VERSION, explanationSchema } from "../model/explanation.ts";
import { EXPLORE_SCHEMA_VERSION, exploreSchema } from "../model/explore.ts";
import { RESULT_SCHEMA_VERSION, resultSchema } from "../model/result.ts";

/** The JSON Schema (draft 2020-12) of `result.json`, as published in `schema/result.schema.json`. */
export function resultJsonSchema(): object {
  return published(resultSchema, {
    $id: `urn:valkey-drill:result:${RESULT_SCHEMA_VERSION}`,
    title: "valkey-drill result",
    description:
      "The result of one drill. Times in milliseconds; null where something was not measured or never came.",
  });
}

/** The JSON Schema of what `bakeoff --json` prints, as published in `schema/bakeoff.schema.json`. */
export function bakeoffJsonSchema(): object {
  return published(bakeoffSchema, {
    $id: `urn:valkey-drill:bakeoff:${BAKEOFF_SCHEMA_VERSION}`,
    title: "valkey-drill bake-off",
    description:
      "Client libraries through the same faults. Times in milliseconds; null where something was not measured, " +
      "endless where it did not end.",
  });
}

/** The JSON Schema of what `advise --json` prints, as published in `schema/advise.schema.json`. */
export function adviseJsonSchema(): object {
  return published(adviseSchema, {
    $id: `urn:valkey-drill:advise:${ADVISE_SCHEMA_VERSION}`,
    title: "valkey-drill advise",
    description:
      "What a failover of a configuration will be like, and what is risky about it. Times in milliseconds.",
  });
}

/** The JSON Schema of what `explore --json` prints, as published in `schema/explore.schema.json`. */
export function exploreJsonSchema(): object {
  return published(exploreSchema, {
    $id: `urn:valkey-drill:explore:${EXPLORE_SCHEMA_VERSION}`,
    title: "valkey-drill explore",
    description: "Drills by chance, until one did not pass. Times in milliseconds.",
  });
}

/** The JSON Schema of what `explain --json` prints, as published in `schema/explanation.schema.json`. */
export function explanationJsonSchema(): object {
  return published(explanationSchema, {
    $id: `urn:valkey-drill:explanation:${EXPLANATION_SCHEMA_VERSION}`,
    title: "valkey-drill explanation",
    description: "What logs tell of failovers. Times in milliseconds, or as ISO 8601 on one clock for all.",
  });
}

function published(schema: z.ZodType, about: { $id: string; title: string; description: string }): object {
  const { $schema, ...shape } = z.toJSONSchema(schema, { target: "draft-2020-12" });
  return { $schema, ...about, ...shape };
}
