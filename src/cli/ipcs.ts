/** `binlet ipcs --namespace N`. */
import type { IpcListing } from "../http/namespaces-protocol.ts";
import type { IpcPermissions, MessageQueueStatus, SemaphoreSetStatus } from "../ipc/protocol.ts";
import { Client, type Connection } from "./client.ts";
import { type Column, table } from "./table.ts";

type Listed = { readonly permissions: IpcPermissions };

const common = (id: string): Column<Listed>[] => [
  { title: "KEY", text: ({ permissions: { key } }) => `0x${(key >>> 0).toString(16).padStart(8, "0")}` },
  { title: id, text: ({ permissions }) => permissions.id, right: true },
  { title: "UID", text: ({ permissions: { uid } }) => uid, right: true },
  { title: "PERMS", text: ({ permissions: { mode } }) => (mode & 0o777).toString(8).padStart(3, "0") },
];

const SETS: readonly Column<SemaphoreSetStatus>[] = [
  ...common("SEMID"),
  { title: "NSEMS", text: ({ count }) => count, right: true },
];

const QUEUES: readonly Column<MessageQueueStatus>[] = [
  ...common("MSQID"),
  { title: "USED-BYTES", text: ({ bytes }) => bytes, right: true },
  { title: "MESSAGES", text: ({ messages }) => messages, right: true },
  { title: "LSPID", text: ({ sender }) => sender, right: true },
  { title: "LRPID", text: ({ receiver }) => receiver, right: true },
];

export async function listIpc(options: Connection & { namespace: string }): Promise<void> {
  const path = `namespaces/${encodeURIComponent(options.namespace)}/ipc`;
  const { queues, semaphores } = await new Client(options).json<IpcListing>("GET", path);
  console.log(
    ["Message queues", ...table(QUEUES, queues), "", "Semaphore sets", ...table(SETS, semaphores)].join("\n"),
  );
}
