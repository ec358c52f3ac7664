/** The routes: functions at `/<function>`, the management interface at `/_/`. */
import { Hono } from "hono";
import type { AppEnv } from "./env.ts";
import { errorResponse, HttpError } from "./errors.ts";
import { invoke } from "./invoke.ts";
import { management } from "./management.ts";

export const app = new Hono<AppEnv>({ strict: true });

app.route("/_", management);
app.all("/", () => {
  throw new HttpError(404, "Name a function in the path: /<function>.");
});
app.all("/*", invoke);

app.notFound((c) => errorResponse(new HttpError(404, "There is nothing at this path."), c.req.path));
app.onError((error, c) => errorResponse(error, c.req.path));

// Hono builds its matchers when it is first asked for a route: now, in the isolate's start-up.
app.router.match("GET", "/");
