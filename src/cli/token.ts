/** The management interface's token, as the command line finds it. */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

/** BINLET_TOKEN of a `.dev.vars` file (KEY=value or KEY="value" lines); undefined where there is none. */
export function tokenIn(devVars: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(devVars, "utf8");
  } catch {
    return undefined;
  }
  const value = /^[ \t]*BINLET_TOKEN[ \t]*=[ \t]*(.*?)[ \t\r]*$/m.exec(text)?.[1];
  return value?.replace(/^(["'])(.*)\1$/, "$2") || undefined;
}

/** Adds a random BINLET_TOKEN to the file unless it has one. Returns whether it did. */
export function ensureToken(devVars: string): boolean {
  if (tokenIn(devVars) !== undefined) return false;
  let text = "";
  try {
    text = readFileSync(devVars, "utf8").replace(/^[ \t]*BINLET_TOKEN[ \t]*=.*\n?/m, "");
  } catch {}
  if (text !== "" && !text.endsWith("\n")) text += "\n";
  writeFileSync(devVars, `${text}BINLET_TOKEN="${randomBytes(24).toString("base64url")}"\n`, { mode: 0o600 });
  return true;
}
