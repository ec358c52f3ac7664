/** The management interface, `/_/`: functions, images, chunks, and running a program once. Bearer token throughout. */
import { Hono } from "hono";
import { authenticate } from "./auth.ts";
import { readJson } from "./body.ts";
import type { AppEnv } from "./env.ts";
import { checkFunctionConfig, checkName } from "./function-config.ts";
import { deleteFunction, getFunction, listFunctions, putFunction } from "./functions.ts";
import { methods } from "./methods.ts";

const MAX_CONFIG = 256 * 1024;

export const management = new Hono<AppEnv>();

management.use("*", async (c, next) => {
  await authenticate(c.req.header("Authorization"), c.env.BINLET_TOKEN);
  await next();
});

management.all("/functions", methods({ GET: async (c) => c.json({ functions: await listFunctions(c.env.OBJECTS) }) }));

management.all(
  "/functions/:name",
  methods({
    GET: async (c) => c.json(await getFunction(c.env.OBJECTS, c.req.param("name")!)),
    PUT: async (c) => {
      const name = checkName(c.req.param("name")!);
      await putFunction(c.env.OBJECTS, name, checkFunctionConfig(await readJson(c.req.raw, MAX_CONFIG)));
      return c.body(null, 204);
    },
    DELETE: async (c) => {
      await deleteFunction(c.env.OBJECTS, c.req.param("name")!);
      return c.body(null, 204);
    },
  }),
);
