/** Programs that keep up something from outside of a node; each node has at most one of each. */
export type HelperName = "cpu" | "disk";
