/** An empty hono route: what any Worker with this router costs. */
import { Hono } from "hono";

const app = new Hono();
app.get("/hello", (c) => c.text("hello\n"));
/** Waits for the end of its body, as a machine does that reads its standard input. */
app.post("/hold", (c) => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const hold = async () => {
    const reader = c.req.raw.body!.getReader();
    while (!(await reader.read()).done);
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode("intact\n"));
    await writer.close();
  };
  c.executionCtx.waitUntil(hold());
  return c.body(readable);
});

export default app;
