/** Runs a program whose process is a member of a group and session that may be another machine's, as if it had been moved. */
import type { Env } from "../../src/http/env.ts";
import type { ExecRequest } from "../../src/http/exec-protocol.ts";
import { specOf } from "../../src/http/exec-request.ts";
import { startProgram } from "../../src/http/program.ts";
import { drain } from "../../src/http/pump.ts";
import type { ProcessGroup } from "../../src/machine/options.ts";

/** `POST /-/member`: as `/_/exec`, with a group. The answer has what was printed as text. */
export async function runMember(request: Request, env: Env): Promise<Response> {
  const { group, ...rest } = (await request.json()) as ExecRequest & { group: ProcessGroup };
  const program = await startProgram(env, { ...(await specOf(rest, env)), group }, {});
  program.stdin.close();
  const decoder = new TextDecoder();
  let stdout = "";
  const push = (bytes: Uint8Array): null => {
    stdout += decoder.decode(bytes, { stream: true });
    return null;
  };
  await Promise.all([drain(program.stdout, push, program.exit), drain(program.stderr, push, program.exit)]);
  return Response.json({ ...(await program.exit), stdout });
}
