/** `binlet ipcrm --namespace N -q ID -s ID`. */
import { CliError, Client, type Connection } from "./client.ts";

interface Options extends Connection {
  namespace: string;
  queueId: string[];
  semaphoreId: string[];
}

export async function removeIpc({ namespace, queueId, semaphoreId, ...connection }: Options): Promise<void> {
  const client = new Client(connection);
  if (queueId.length + semaphoreId.length === 0) throw new CliError("name what to remove, with -q or -s.");
  const remove = (kind: string, id: string) =>
    client.manage("DELETE", `namespaces/${encodeURIComponent(namespace)}/ipc/${kind}/${encodeURIComponent(id)}`);
  for (const id of queueId) await remove("queues", id);
  for (const id of semaphoreId) await remove("semaphores", id);
}
