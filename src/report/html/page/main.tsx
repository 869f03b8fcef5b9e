import { render } from "preact";
import type { PageDocument } from "../document.ts";
import { App } from "./app.tsx";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/headline.css";
import "./styles/panels.css";
import "./styles/charts.css";
import "./styles/application.css";
import "./styles/topology.css";
import "./styles/comparison.css";
import "./styles/explanation.css";
import "./styles/media.css";

/*
 * The only place that reads the page itself. What is below is given all that it shows, and may be given it again and
 * again.
 */
const data = document.getElementById("document")?.textContent ?? "null";
const place = document.getElementById("page");
if (place) render(<App document={JSON.parse(data) as PageDocument} />, place);
