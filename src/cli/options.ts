import { CliError } from "./client.ts";

/** The values of a repeatable KEY=VALUE option. Throws CliError for one without "=". */
export function pairs(values: readonly string[], option: string): Record<string, string> {
  const result: Record<string, string> = {};
  for (const value of values) {
    const equals = value.indexOf("=");
    if (equals <= 0) throw new CliError(`${option} takes KEY=VALUE, not ${JSON.stringify(value)}.`);
    result[value.slice(0, equals)] = value.slice(equals + 1);
  }
  return result;
}
