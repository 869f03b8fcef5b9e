import { z } from "zod";
import { ENDPOINTS, type Endpoint } from "./endpoints.ts";
import { errorSchema } from "./wire.ts";

/** HTTP status codes of refusals, and what each means. */
export const REFUSALS = {
  400: "The body is no JSON, or not what this endpoint takes.",
  403: "The token is missing or wrong, or the request came from somewhere else than this machine's own programs.",
  404: "There is no such fault, action or endpoint.",
  405: "This endpoint takes another method.",
  409: "It cannot be done now: nobody answers to the target, or a reset is under way.",
  413: "The body is too long.",
  415: "The body is not called application/json.",
  422: "It makes no sense here, or this topology cannot do it. The message says why.",
  500: "valkey-drill or the topology failed.",
  504: "The condition did not come true in time. The message says what was seen last.",
} as const;

/** The OpenAPI 3.1 document of what `exec` serves, made from the schemas by which requests are read. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of Object.values(ENDPOINTS) as Endpoint[]) {
    const at = paths[endpoint.path] ?? {};
    paths[endpoint.path] = { ...at, [endpoint.method]: operationOf(endpoint) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "valkey-drill exec",
      version: "1",
      description:
        "What a command under `valkey-drill exec` may ask of its topology. The server's URL, with its token, is in " +
        "the environment variable VALKEY_DRILL_URL.",
    },
    servers: [
      {
        url: "http://127.0.0.1:{port}/{token}",
        variables: { port: { default: "0" }, token: { default: "token" } },
      },
    ],
    paths,
    components: {
      schemas: { Error: jsonSchema(errorSchema, "output") },
      responses: {
        Refused: {
          description: Object.entries(REFUSALS)
            .map(([code, meaning]) => `${code}: ${meaning}`)
            .join("\n"),
          content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
        },
      },
    },
  };
}

function operationOf({ name, summary, path, body, query = {}, answer, status }: Endpoint): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, part]) => ({
    name: part,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(query).map(([key, { values, meaning }]) => ({
    name: key,
    in: "query",
    description: meaning,
    schema: { type: "string", enum: values },
  }));
  const parameters = [...inPath, ...inQuery];
  return {
    operationId: name,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { "application/json": { schema: jsonSchema(body, "input") } },
      },
    }),
    responses: {
      [status]: { description: "Done.", content: contentOf(answer) },
      ...(name === "injectFault" && { 202: { description: "It has begun.", content: contentOf(answer) } }),
      default: { $ref: "#/components/responses/Refused" },
    },
  };
}

function contentOf(answer: Endpoint["answer"]): object {
  if (answer === "ndjson") return { "application/x-ndjson": { schema: { type: "string" } } };
  const schema = answer === "document" ? { type: "object" } : jsonSchema(answer, "output");
  return { "application/json": { schema } };
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): object {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return json;
}
