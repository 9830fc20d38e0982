import "@liveshop/ui/tokens.css";
import "@liveshop/ui/base.css";
import "./style/page.css";
import { keepFocus } from "@liveshop/ui";
import { render } from "preact";
import { followAddress } from "./route.ts";
import { App } from "./views/App.tsx";

followAddress();
keepFocus();
const page = document.getElementById("app");
if (page) render(<App />, page);
