import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

/**
 * Puts script and style into the page, with a policy that allows exactly those two and no request at all: what comes
 * from servers cannot become code even if it were taken for markup.
 *
 * @param more directives of its policy, for a page that asks for more than nothing
 */
export function oneFile(fileName: string, more = ""): Plugin {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_options, bundle) {
      const files = Object.values(bundle);
      const page = files.find((file) => file.fileName === "index.html");
      const scripts = files.flatMap((file) => (file.type === "chunk" ? [file.code] : []));
      const styles = files.flatMap((file) =>
        file.fileName.endsWith(".css") && "source" in file ? [String(file.source)] : [],
      );
      if (page?.type !== "asset" || scripts.length !== 1 || styles.length !== 1) {
        throw new Error(
          `expected one page, one script and one style, got: ${Object.keys(bundle).join(", ")}`,
        );
      }
      const script = (scripts[0] as string).trim().replaceAll("</script", "<\\/script");
      const style = (styles[0] as string).trim();
      const policy =
        `default-src 'none'; img-src data:; script-src ${hashOf(script)}; style-src ${hashOf(style)}; ` +
        `base-uri 'none'; form-action 'none'${more}`;
      page.source = String(page.source)
        .replaceAll(/\s*<script type="module"[^>]*><\/script>/g, "")
        .replaceAll(/\s*<link rel="stylesheet"[^>]*>/g, "")
        .replace(
          "<title>",
          () => `<meta http-equiv="Content-Security-Policy" content="${policy}" />\n    <title>`,
        )
        .replace("</head>", () => `<style>${style}</style>\n  </head>`)
        // After the data that it reads: an inline module runs when all before it is there.
        .replace("</body>", () => `<script type="module">${script}</script>\n  </body>`)
        .replace("<html", () => `<!--\n${licences()}\n-->\n<html`);
      page.fileName = fileName;
      for (const name of Object.keys(bundle)) if (bundle[name] !== page) delete bundle[name];
    },
  };
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Both ask that their licence goes where their code goes. */
function licences(): string {
  return ["preact", "uplot"]
    .map(
      (name) =>
        `This page contains ${name}.\n${readFileSync(new URL(`../../../../node_modules/${name}/LICENSE`, import.meta.url), "utf8").trim()}`,
    )
    .join("\n\n")
    .replaceAll("--", "- -");
}
