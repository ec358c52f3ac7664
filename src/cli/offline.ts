/** Environment variables that keep wrangler off the network and its files inside the checkout. */
import { join } from "node:path";

export function offline(checkout: string): Record<string, string> {
  return {
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    // Also stops the check for a newer version.
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
    // Else request.cf is fetched once.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    WRANGLER_LOG_PATH: join(checkout, ".wrangler/logs"),
    WRANGLER_REGISTRY_PATH: join(checkout, ".wrangler/registry"),
  };
}
