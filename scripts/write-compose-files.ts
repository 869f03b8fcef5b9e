import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { committedFiles } from "../src/driver/docker/committed.ts";

// Writes the Compose files and what they mount into the project: npm run compose-files
for (const [path, text] of Object.entries(committedFiles())) {
  const target = join(process.cwd(), path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text);
  console.log(path);
}
