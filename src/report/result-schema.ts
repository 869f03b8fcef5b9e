import { z } from "zod";
import { RESULT_SCHEMA_VERSION, resultSchema } from "../model/result.ts";

/** The JSON Schema (draft 2020-12) of `result.json`, as published in `schema/result.schema.json`. */
export function resultJsonSchema(): object {
  const { $schema, ...shape } = z.toJSONSchema(resultSchema, { target: "draft-2020-12" });
  return {
    $schema,
    $id: `urn:valkey-drill:result:${RESULT_SCHEMA_VERSION}`,
    title: "valkey-drill result",
    description:
      "The result of one drill. Times in milliseconds; null where something was not measured or never came.",
    ...shape,
  };
}
