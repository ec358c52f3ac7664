/** /proc/[pid]/loginuid and sessionid: who logged in, as pam_loginuid(8) says it (kernel/audit.c). Nothing is audited. */
import { CAP_AUDIT_CONTROL } from "../../abi/capability.ts";
import { EINVAL, EPERM, ERANGE, Errno } from "../../abi/errno.ts";
import { type FileNode, file, type Owner } from "./node.ts";
import { parseNumber } from "./settings.ts";
import type { ProcessView } from "./view.ts";

/** AUDIT_UID_UNSET and AUDIT_SID_UNSET. */
export const UNSET = 0xffff_ffff;

/** A process says it of itself: once without privilege, again with CAP_AUDIT_CONTROL. */
export const loginUidNode = (p: ProcessView, owner: Owner): FileNode =>
  file(
    () => String(p.settings.loginUid),
    0o644,
    owner,
    (caller, text, offset) => {
      if (caller.pid !== p.number) throw new Errno(EPERM);
      if (offset !== 0 || !/^\+?[0-9]+\n?$/.test(text)) throw new Errno(EINVAL);
      const uid = parseNumber(text.replace(/^(\+?)0+(?=[0-9])/, "$1"));
      if (uid > UNSET) throw new Errno(ERANGE);
      if (p.settings.loginUid !== UNSET && !caller.capable(CAP_AUDIT_CONTROL)) throw new Errno(EPERM);
      p.login(Number(uid));
    },
  );

export const sessionIdNode = (p: ProcessView, owner: Owner): FileNode =>
  file(() => String(p.settings.sessionId), 0o444, owner);
