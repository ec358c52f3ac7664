/** The management interface, `/_/`: functions, images, chunks, and running a program once. Bearer token throughout. */
import { Hono } from "hono";
import { CHUNK_SIZE } from "../image/format.ts";
import { authenticate } from "./auth.ts";
import { readBody, readJson } from "./body.ts";
import type { AppEnv } from "./env.ts";
import { HttpError } from "./errors.ts";
import { execPost } from "./exec-post.ts";
import { execSocket } from "./exec-socket.ts";
import { checkFunctionConfig, checkName } from "./function-config.ts";
import { deleteFunction, getFunction, listFunctions, putFunction } from "./functions.ts";
import {
  deleteImage,
  getManifest,
  listImages,
  missingChunks,
  nameImage,
  putChunk,
  putManifest,
  resolveImage,
} from "./images.ts";
import { methods } from "./methods.ts";

/** Bytes of a function's configuration, of a list of chunks and of a manifest. */
const MAX_CONFIG = 256 << 10;
const MAX_CHUNK_LIST = 8 << 20;
const MAX_MANIFEST = 32 << 20;

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

management.all("/images", methods({ GET: async (c) => c.json({ images: await listImages(c.env.OBJECTS) }) }));

management.all(
  "/images/:name",
  methods({
    GET: async (c) => {
      const digest = await resolveImage(c.env.OBJECTS, checkName(c.req.param("name")!));
      const { config, chunks, inodes } = await getManifest(c.env.OBJECTS, digest);
      return c.json({ digest, config, chunks: chunks.length, inodes: inodes.length });
    },
    PUT: async (c) => {
      const name = checkName(c.req.param("name")!);
      const digest = await putManifest(c.env.OBJECTS, await readBody(c.req.raw, MAX_MANIFEST));
      await nameImage(c.env.OBJECTS, name, digest);
      return c.json({ digest });
    },
    DELETE: async (c) => {
      await deleteImage(c.env.OBJECTS, checkName(c.req.param("name")!));
      return c.body(null, 204);
    },
  }),
);

management.all(
  "/chunks",
  methods({
    POST: async (c) => {
      const body = (await readJson(c.req.raw, MAX_CHUNK_LIST)) as { chunks?: unknown };
      if (!Array.isArray(body?.chunks)) throw new HttpError(400, 'The body must be {"chunks": [SHA-256, …]}.');
      return c.json({ missing: await missingChunks(c.env.OBJECTS, body.chunks) });
    },
  }),
);

management.all(
  "/chunks/:hex",
  methods({
    PUT: async (c) => {
      await putChunk(c.env.OBJECTS, c.req.param("hex")!, await readBody(c.req.raw, CHUNK_SIZE));
      return c.body(null, 204);
    },
  }),
);

management.all(
  "/exec",
  methods({
    GET: (c) => {
      if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
        throw new HttpError(426, "GET is for WebSockets here; POST runs a program once.", { Upgrade: "websocket" });
      }
      return execSocket(c);
    },
    POST: execPost,
  }),
);
