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
  hasChunk,
  importArchive,
  listImages,
  nameImage,
  putChunk,
  putManifest,
  resolveImage,
} from "./images.ts";
import { MANIFEST_TYPE } from "./images-protocol.ts";
import { methods } from "./methods.ts";
import { listIpc, listProcesses, removeIpc, signalProcess } from "./namespaces.ts";

/** Bytes of a function's configuration and of a manifest. */
const MAX_CONFIG = 256 << 10;
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
      const { body } = c.req.raw;
      if (body === null) throw new HttpError(400, "The body must be an executable, a tar, a tar.gz or a manifest.");
      const digest =
        c.req.header("Content-Type") === MANIFEST_TYPE
          ? await putManifest(c.env.OBJECTS, await readBody(c.req.raw, MAX_MANIFEST))
          : await importArchive(c.env.OBJECTS, body);
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
  "/chunks/:hex",
  methods({
    HEAD: async (c) => c.body(null, (await hasChunk(c.env.OBJECTS, c.req.param("hex")!)) ? 200 : 404),
    PUT: async (c) => {
      await putChunk(c.env.OBJECTS, c.req.param("hex")!, await readBody(c.req.raw, CHUNK_SIZE));
      return c.body(null, 204);
    },
  }),
);

management.all("/namespaces/:ns/processes", methods({ GET: listProcesses }));
management.all("/namespaces/:ns/processes/:pid/signal", methods({ POST: signalProcess }));
management.all("/namespaces/:ns/ipc", methods({ GET: listIpc }));
management.all("/namespaces/:ns/ipc/:kind/:id", methods({ DELETE: removeIpc }));

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
