/** `binlet ps --namespace N`. */
import type { NamespaceProcess } from "../http/namespaces-protocol.ts";
import { Client, type Connection } from "./client.ts";
import { type Column, table } from "./table.ts";

const COLUMNS: readonly Column<NamespaceProcess>[] = [
  { title: "UID", text: ({ uid }) => uid, right: true },
  { title: "PID", text: ({ pid }) => pid, right: true },
  { title: "PPID", text: ({ ppid }) => ppid, right: true },
  { title: "PGID", text: ({ pgid }) => pgid, right: true },
  { title: "S", text: ({ state }) => state },
  { title: "STARTED", text: ({ started }) => started.replace(/\.\d+Z$/, "Z") },
  { title: "TIME", text: ({ cpuMs }) => duration(cpuMs), right: true },
  { title: "RSS", text: ({ residentKiB }) => residentKiB, right: true },
  { title: "COMMAND", text: ({ command, comm }) => (command.length > 0 ? command.join(" ") : `[${comm}]`) },
];

export async function listProcesses(options: Connection & { namespace: string }): Promise<void> {
  const path = `namespaces/${encodeURIComponent(options.namespace)}/processes`;
  const { processes } = await new Client(options).json<{ processes: NamespaceProcess[] }>("GET", path);
  for (const line of table(COLUMNS, processes)) console.log(line);
}

/** "m:ss.mmm". */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}.${String(ms % 1000).padStart(3, "0")}`;
}
