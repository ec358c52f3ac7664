/**
 * Three projects: `node` for what needs no Worker, `workers` for what must run inside workerd (`*.worker.test.ts`, through
 * the Workers plugin), and `e2e` for what goes over HTTP (test/e2e), which starts workerd once a file.
 */
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.worker.test.ts", "test/e2e/**"],
          testTimeout: 60_000,
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { bindings: { BINLET_TOKEN: "test-token" } },
          }),
        ],
        test: { name: "workers", include: ["test/**/*.worker.test.ts"], testTimeout: 60_000 },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each file has a workerd of its own.
          maxWorkers: 1,
        },
      },
    ],
  },
});
