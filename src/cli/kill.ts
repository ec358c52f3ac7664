/** `binlet kill --namespace N PID…`. */
import { CliError, Client, type Connection } from "./client.ts";

interface Options extends Connection {
  namespace: string;
  /** A number or a name. */
  signal: string;
}

/** Sends to all; throws CliError with what went wrong for the first that could not be sent to. */
export async function kill(pids: string[], { signal, namespace, ...connection }: Options): Promise<void> {
  const client = new Client(connection);
  const failures: CliError[] = [];
  for (const pid of pids) {
    const path = `namespaces/${encodeURIComponent(namespace)}/processes/${encodeURIComponent(pid)}/signal`;
    try {
      await client.json("POST", path, { signal: /^\d+$/.test(signal) ? Number(signal) : signal });
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
