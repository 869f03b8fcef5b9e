import { didYouMean } from "../../base/nearest.ts";
import { DrillError } from "../../model/errors.ts";

/** `{{name}}`, spaces allowed; the second brace may be missing, which is an error. */
const PLACE = /\{\{\s*([A-Za-z][\w-]*)\s*(\}\}|\}?)/g;

/**
 * Puts values in the places `{{name}}` of a text. Other braces, as in `{{.ID}}` or JSON, stay as they are.
 *
 * @param values by name
 * @param place where the text stands, for the error: `--set ORDERS_REDIS`
 * @throws DrillError `BAD_USAGE` for a name that is not there, with the nearest, and for a place that does not end
 */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>, place: string): string {
  return text.replace(PLACE, (whole: string, name: string, end: string) => {
    if (end !== "}}") {
      throw new DrillError("BAD_USAGE", `${place}: "${whole}" does not end: write {{${name}}}`);
    }
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) return value;
    const names = Object.keys(values);
    throw new DrillError("BAD_USAGE", `${place}: there is no {{${name}}} here.${didYouMean(name, names)}`, {
      hint: `There are: ${names.map((one) => `{{${one}}}`).join(", ")}.`,
    });
  });
}
