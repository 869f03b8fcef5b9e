import { render } from "preact";
import { App } from "./app.tsx";
import { listen } from "./link.ts";
import { LiveStore } from "./store.ts";
import "uplot/dist/uPlot.min.css";
import "../../report/html/page/styles/base.css";
import "../../report/html/page/styles/headline.css";
import "../../report/html/page/styles/panels.css";
import "../../report/html/page/styles/charts.css";
import "../../report/html/page/styles/topology.css";
import "../../report/html/page/styles/media.css";
import "./styles/live.css";
import "./styles/controls.css";

const store = new LiveStore();
listen(store);
const place = document.getElementById("page");
if (place) render(<App store={store} />, place);
