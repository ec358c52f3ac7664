/** An empty hono route: what any Worker with this router costs. */
import { Hono } from "hono";

const app = new Hono();
app.get("/hello", (c) => c.text("hello\n"));

export default app;
