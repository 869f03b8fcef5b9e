import { describe, expect, it } from "vitest";
import { ENDPOINTS } from "./endpoints.ts";
import { openApiDocument } from "./openapi.ts";

describe("schema/exec.openapi.json", () => {
  it("is what the code says (npx vitest run -u --project unit src/exec writes it)", async () => {
    const text = `${JSON.stringify(openApiDocument(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../schema/exec.openapi.json");
  });

  it("tells of every endpoint, its body and its answers", () => {
    const { paths } = openApiDocument() as { paths: Record<string, Record<string, Record<string, unknown>>> };
    for (const { path, method, name, ...endpoint } of Object.values(ENDPOINTS)) {
      const operation = paths[path]?.[method];
      expect(operation?.operationId).toBe(name);
      expect(operation?.responses).toHaveProperty(String(endpoint.status));
      expect(operation?.responses).toHaveProperty("default");
      expect("body" in endpoint).toBe(operation?.requestBody !== undefined);
    }
  });
});
