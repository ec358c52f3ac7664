import type { Context } from "hono";
import type { AppEnv } from "./env.ts";
import { HttpError } from "./errors.ts";
import { NAME_PATTERN } from "./function-config.ts";
import { getFunction } from "./functions.ts";

export async function invoke(c: Context<AppEnv>): Promise<Response> {
  const url = new URL(c.req.url);
  const name = url.pathname.split("/", 2)[1];
  if (!NAME_PATTERN.test(name)) throw new HttpError(404, `There is no function named ${JSON.stringify(name)}.`);
  const config = await getFunction(c.env.OBJECTS, name);
  return Response.json(config);
}
