import { Option } from "commander";
import { libraryNames } from "../libraries/registry.ts";

/** Apart from the other options, since it loads all client libraries that there are: few commands have it. */
export const clientOption = (meaning = "client library, in place of the scenario's") =>
  new Option("--client <name>", meaning).choices(libraryNames());
