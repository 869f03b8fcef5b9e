import type { z } from "zod";

/**
 * The same schema, with a narrower type of what is given to it: what the compiler can know before anything is read.
 * What a schema reads as text (a duration, a selector) or by a registry (a fault) has no such type by itself.
 */
export function withInput<Input>() {
  return <Output>(schema: z.ZodType<Output>) => schema as z.ZodType<Output, Input>;
}
