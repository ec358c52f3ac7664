/** From what the CPU could not do to the signal that Linux sends for it (arch/x86/kernel/traps.c, arch/x86/mm/fault.c). */
import {
  BUS_ADRALN,
  BUS_ADRERR,
  FPE_FLTDIV,
  FPE_FLTINV,
  FPE_FLTOVF,
  FPE_FLTRES,
  FPE_FLTUND,
  FPE_INTDIV,
  ILL_ILLOPN,
  SEGV_ACCERR,
  SEGV_MAPERR,
  SI_KERNEL,
  SIGBUS,
  SIGFPE,
  SIGILL,
  SIGKILL,
  SIGSEGV,
  SIGTRAP,
  type SignalInfo,
  TRAP_BRKPT,
} from "../../abi/signal.ts";
import {
  MXCSR,
  VECTOR_AC,
  VECTOR_BP,
  VECTOR_DB,
  VECTOR_DE,
  VECTOR_MF,
  VECTOR_PF,
  VECTOR_SS,
  VECTOR_UD,
  VECTOR_XM,
  X87,
} from "../../cpu/state.ts";
import { CAUSE_ACCERR, CAUSE_BUS_ADRERR, CAUSE_NEED_PAGE, CAUSE_OUT_OF_MEMORY } from "../../memory/fault.ts";
import { HIGH_LIMIT } from "../../memory/layout.ts";
import { Block, ERESTARTNOINTR } from "../../wait/queue.ts";
import type { Thread } from "../task.ts";
import { recordFault } from "./frame.ts";
import { forceSignal, kernelInfo, sendToProcess } from "./send.ts";

/** There is no frame for a page that the process writes to. */
export function endForMemory(t: Thread): void {
  const { process, kernel } = t;
  // Another of its threads may have come upon this before.
  if (!process.pending.set.has(SIGKILL) && process.groupExit === null) {
    kernel.log("warn", `out of memory: killed process ${process.pid} (${process.name})`);
    kernel.oomKills++;
  }
  sendToProcess(process, kernelInfo(SIGKILL));
  // Whichever thread was told, this one cannot go on.
  t.attention = true;
}

/** EXIT_FAULT: the instruction at RIP of the loaded thread faulted. Sends the signal, or waits for the page it needs. */
export function handleFault(t: Thread): void {
  const { kernel } = t;
  const space = t.process.memory;
  recordFault(t);
  const { vector, address } = t.fault;
  if (vector === VECTOR_PF && address >= HIGH_LIMIT) {
    // The CPU itself refuses what no address space can map.
    forceSignal(t, fault(SIGSEGV, SEGV_MAPERR, address));
    return;
  }
  if (vector === VECTOR_PF) {
    switch (space.faultCause) {
      case CAUSE_NEED_PAGE:
        t.usage.majorFaults++;
        kernel.scheduler.block(t, new Block([space.faultQueue!], ERESTARTNOINTR, { uninterruptible: true }));
        return;
      case CAUSE_OUT_OF_MEMORY:
        endForMemory(t);
        return;
      case CAUSE_BUS_ADRERR:
        forceSignal(t, fault(SIGBUS, BUS_ADRERR, address));
        return;
      case CAUSE_ACCERR:
        forceSignal(t, fault(SIGSEGV, SEGV_ACCERR, address));
        return;
      default:
        forceSignal(t, fault(SIGSEGV, SEGV_MAPERR, address));
        return;
    }
  }
  forceSignal(t, exception(t, vector));
}

function fault(signal: number, code: number, address: number): SignalInfo {
  return { signal, code, errno: 0, layout: "fault", address };
}

function exception(t: Thread, vector: number): SignalInfo {
  const { registers } = t.kernel;
  const { rip } = registers;
  switch (vector) {
    case VECTOR_DE:
      return fault(SIGFPE, FPE_INTDIV, rip);
    case VECTOR_DB:
      return fault(SIGTRAP, TRAP_BRKPT, rip); // INT1: nothing here steps or sets breakpoints
    case VECTOR_BP:
      return kernelInfo(SIGTRAP);
    case VECTOR_UD:
      logUndefined(t, rip);
      return fault(SIGILL, ILL_ILLOPN, rip);
    case VECTOR_MF:
      return fault(SIGFPE, floatingPointCode(x87Exceptions(registers.field(X87))), rip);
    case VECTOR_XM: {
      const mxcsr = registers.field(MXCSR);
      return fault(SIGFPE, floatingPointCode(mxcsr & ~(mxcsr >> 7) & 0x3f), rip);
    }
    case VECTOR_AC:
      return fault(SIGBUS, BUS_ADRALN, 0);
    case VECTOR_SS:
      return kernelInfo(SIGBUS);
    default: // #GP, #OF: nothing more is said
      return kernelInfo(SIGSEGV);
  }
}

/** Unmasked exceptions from the control word (low half) and the status word (high half). */
const x87Exceptions = (words: number): number => (words >>> 16) & ~words & 0x3f;

/** By the exceptions that are flagged and unmasked: invalid, divide, overflow, denormal or underflow, precision. */
function floatingPointCode(exceptions: number): number {
  if (exceptions & 0x01) return FPE_FLTINV;
  if (exceptions & 0x04) return FPE_FLTDIV;
  if (exceptions & 0x08) return FPE_FLTOVF;
  if (exceptions & 0x12) return FPE_FLTUND;
  return exceptions & 0x20 ? FPE_FLTRES : SI_KERNEL;
}

/** An instruction that is not there is a gap of ours as often as a fault of the program's: says which. */
function logUndefined(t: Thread, rip: number): void {
  const bytes: string[] = [];
  try {
    for (let i = 0; i < 15; i++)
      bytes.push(
        t.user
          .u8(rip + i)
          .toString(16)
          .padStart(2, "0"),
      );
  } catch {
    // The instruction ends before the page that cannot be read.
  }
  t.kernel.logOnce(
    "warn",
    `undefined instruction ${bytes.join(" ")} at 0x${rip.toString(16)} in ${t.process.executable || t.name}`,
  );
}
