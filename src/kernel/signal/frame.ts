/** The signal frame: what a handler finds on its stack, and the way back from it (arch/x86/kernel/signal_64.c). */
import { EFAULT, Errno } from "../../abi/errno.ts";
import { encodeSignalInfo } from "../../abi/siginfo.ts";
import {
  SA_ONSTACK,
  SA_RESTORER,
  SIGALTSTACK_SIZE,
  type SignalInfo,
  SS_AUTODISARM,
  SS_DISABLE,
  SS_ONSTACK,
} from "../../abi/signal.ts";
import {
  FRAME_RESTORER,
  FRAME_SIGINFO,
  FRAME_SIZE,
  FRAME_UCONTEXT,
  FXSAVE_MXCSR,
  FXSAVE_MXCSR_MASK,
  FXSAVE_SIZE,
  FXSAVE_XMM,
  MXCSR_MASK,
  RED_ZONE,
  SC_CR2,
  SC_CS,
  SC_EFLAGS,
  SC_ERR,
  SC_FPSTATE,
  SC_OLDMASK,
  SC_RIP,
  SC_SS,
  SC_TRAPNO,
  SIGCONTEXT_REGISTERS,
  UC_FLAGS,
  UC_MCONTEXT,
  UC_SIGCONTEXT_SS,
  UC_SIGMASK,
  UC_STACK,
  UC_STRICT_RESTORE_SS,
  USER_CS,
  USER_SS,
} from "../../abi/ucontext.ts";
import { loadX87, saveX87, X87_IMAGE_BYTES } from "../../cpu/fx-image.ts";
import {
  FAULT_ADDRESS,
  FAULT_CODE,
  FAULT_VECTOR,
  FLOAT_LIMITS,
  FLOAT_LIMITS_SIZE,
  MXCSR,
  RAX,
  RDI,
  RDX,
  RSI,
  X87,
  XMM,
} from "../../cpu/state.ts";
import { STATE_ADDRESS } from "../../memory/layout.ts";
import type { Registers } from "../registers.ts";
import type { Thread } from "../task.ts";
import type { SignalAction } from "./actions.ts";
import { withoutUnblockable } from "./mask.ts";
import { SignalSet } from "./set.ts";

const XMM_SIZE = 256;
/** Flags that a handler starts without: DF, RF, TF. */
const CLEARED_FLAGS = 0x400 | 0x1_0000 | 0x100;
/** Flags that sigreturn takes from the frame: AC OF DF TF SF ZF AF PF CF (FIX_EFLAGS). RF is not modelled. */
const RESTORED_FLAGS = 0x4_0000 | 0x800 | 0x400 | 0x100 | 0x80 | 0x40 | 0x10 | 0x4 | 0x1;

// One frame is built at a time; handlers never run while the kernel does.
const frameView = new DataView(new ArrayBuffer(FRAME_SIZE));
const frameBytes = new Uint8Array(frameView.buffer);
const fpView = new DataView(new ArrayBuffer(FXSAVE_SIZE));
const fpBytes = new Uint8Array(fpView.buffer);
const fpWords = new Int32Array(fpView.buffer);
/** Where the state and its parts begin in memory, in words of 32 bits. */
const STATE_WORD = STATE_ADDRESS >> 2;
const X87_WORD = (STATE_ADDRESS + X87) >> 2;
const LIMITS_WORD = (STATE_ADDRESS + FLOAT_LIMITS) >> 2;
const XMM_WORD = (STATE_ADDRESS + XMM) >> 2;

/** Whether RSP is on the thread's alternate stack. */
export function onAltStack(t: Thread, sp: number): boolean {
  return (t.altStack.flags & SS_AUTODISARM) === 0 && within(t, sp);
}

/** SS_DISABLE, SS_ONSTACK or 0, as sigaltstack(2) reports it. */
export function altStackState(t: Thread, sp: number): number {
  if (t.altStack.size === 0) return SS_DISABLE;
  return onAltStack(t, sp) ? SS_ONSTACK : 0;
}

/**
 * Pushes the frame and points the registers at the handler. Throws EFAULT when the stack cannot take it, NeedPage when a page
 * of it must be fetched; nothing has changed then.
 */
export function pushFrame(t: Thread, action: SignalAction, info: SignalInfo): void {
  const { registers } = t.kernel;
  const { user } = t;
  if ((action.flags & SA_RESTORER) === 0) throw new Errno(EFAULT);
  let sp = registers.rsp;
  const nested = onAltStack(t, sp);
  sp -= RED_ZONE;
  let entering = false;
  if (action.flags & SA_ONSTACK && altStackState(t, sp) === 0) {
    sp = t.altStack.address + t.altStack.size;
    entering = true;
  }
  const fp = align(sp - FXSAVE_SIZE, 64);
  const frame = align(fp - FRAME_SIZE, 16) - 8;
  if (frame < 0) throw new Errno(EFAULT);
  // A handler that is on the alternate stack and would leave it at its lower end has overflowed it.
  if ((nested || entering) && !within(t, frame)) throw new Errno(EFAULT);
  user.probe(frame, sp - frame, true);

  fillFpState(registers);
  user.copyOut(fp, fpBytes);
  fillFrame(t, registers, action, info, fp);
  user.copyOut(frame, frameBytes);

  if (t.altStack.flags & SS_AUTODISARM) t.altStack = { address: 0, size: 0, flags: SS_DISABLE };
  registers.set(RDI, info.signal);
  registers.set(RSI, frame + FRAME_SIGINFO);
  registers.set(RDX, frame + FRAME_UCONTEXT);
  registers.set(RAX, 0);
  registers.rsp = frame;
  registers.rip = action.handler;
  registers.flags &= ~CLEARED_FLAGS;
  resetFpState(registers);
}

const align = (n: number, to: number): number => n - (n % to);

function within(t: Thread, sp: number): boolean {
  const { address, size } = t.altStack;
  return address >= 0 && sp > address && (size < 0 || sp - address <= size);
}

function fillFrame(t: Thread, registers: Registers, action: SignalAction, info: SignalInfo, fp: number): void {
  frameBytes.fill(0);
  setU64(frameView, FRAME_RESTORER, action.restorer);
  setU64(frameView, FRAME_UCONTEXT + UC_FLAGS, UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS);
  writeAltStack(frameView, FRAME_UCONTEXT + UC_STACK, t.altStack);
  const context = FRAME_UCONTEXT + UC_MCONTEXT;
  for (let i = 0; i < SIGCONTEXT_REGISTERS.length; i++) {
    frameView.setInt32(context + i * 8, registers.low(SIGCONTEXT_REGISTERS[i]), true);
    frameView.setInt32(context + i * 8 + 4, registers.high(SIGCONTEXT_REGISTERS[i]), true);
  }
  setU64(frameView, context + SC_RIP, registers.rip);
  setU64(frameView, context + SC_EFLAGS, registers.flags);
  frameView.setUint16(context + SC_CS, USER_CS, true);
  frameView.setUint16(context + SC_SS, USER_SS, true);
  setU64(frameView, context + SC_ERR, t.fault.code);
  setU64(frameView, context + SC_TRAPNO, t.fault.vector);
  setU64(frameView, context + SC_CR2, t.fault.address);
  setU64(frameView, context + SC_FPSTATE, fp);
  const mask = t.savedMask ?? t.mask;
  frameView.setInt32(context + SC_OLDMASK, mask.low, true);
  frameView.setInt32(context + SC_OLDMASK + 4, mask.high, true);
  frameView.setInt32(FRAME_UCONTEXT + UC_SIGMASK, mask.low, true);
  frameView.setInt32(FRAME_UCONTEXT + UC_SIGMASK + 4, mask.high, true);
  encodeSignalInfo(info, frameView, FRAME_SIGINFO);
}

function fillFpState(registers: Registers): void {
  const { memory } = registers;
  saveX87(memory, STATE_WORD, fpWords);
  for (let i = 0; i < XMM_SIZE >> 2; i++) fpWords[(FXSAVE_XMM >> 2) + i] = memory[XMM_WORD + i];
  fpBytes.fill(0, FXSAVE_XMM + XMM_SIZE);
  fpView.setInt32(FXSAVE_MXCSR, registers.field(MXCSR), true);
  fpView.setInt32(FXSAVE_MXCSR_MASK, MXCSR_MASK, true);
}

/** rt_sigreturn(2): takes everything back from the frame below RSP. Throws EFAULT; the caller then forces SIGSEGV. */
export function popFrame(t: Thread): void {
  const { registers } = t.kernel;
  const { user } = t;
  const frame = registers.rsp - 8;
  user.copyIn(frame, frameBytes);
  const view = frameView;
  const context = FRAME_UCONTEXT + UC_MCONTEXT;
  const fp = getU64(view, context + SC_FPSTATE);
  if (fp !== 0) user.copyIn(fp, fpBytes);
  // FXRSTOR faults on reserved bits.
  if (fp !== 0 && fpView.getInt32(FXSAVE_MXCSR, true) & ~MXCSR_MASK) throw new Errno(EFAULT);

  t.mask = withoutUnblockable(
    new SignalSet(
      view.getInt32(FRAME_UCONTEXT + UC_SIGMASK, true),
      view.getInt32(FRAME_UCONTEXT + UC_SIGMASK + 4, true),
    ),
  );
  for (let i = 0; i < SIGCONTEXT_REGISTERS.length; i++) {
    const at = context + i * 8;
    registers.setWords(SIGCONTEXT_REGISTERS[i], view.getInt32(at, true), view.getInt32(at + 4, true));
  }
  registers.rip = getU64(view, context + SC_RIP);
  registers.flags = (registers.flags & ~RESTORED_FLAGS) | (view.getInt32(context + SC_EFLAGS, true) & RESTORED_FLAGS);
  if (fp === 0) resetFpState(registers);
  else loadFpState(registers);
  const stack = readAltStack(view, FRAME_UCONTEXT + UC_STACK);
  if (!onAltStack(t, registers.rsp)) t.altStack = stack;
}

function loadFpState(registers: Registers): void {
  const { memory } = registers;
  loadX87(fpWords, memory, STATE_WORD);
  for (let i = 0; i < XMM_SIZE >> 2; i++) memory[XMM_WORD + i] = fpWords[(FXSAVE_XMM >> 2) + i];
  registers.setField(MXCSR, fpView.getInt32(FXSAVE_MXCSR, true) & MXCSR_MASK);
  memory.fill(0, LIMITS_WORD, LIMITS_WORD + (FLOAT_LIMITS_SIZE >> 2));
}

/** The x87 and SSE state that a program starts with, and a signal handler: FCW 0x37f, MXCSR 0x1f80. */
export function resetFpState(registers: Registers): void {
  const { memory } = registers;
  memory.fill(0, X87_WORD, X87_WORD + (X87_IMAGE_BYTES >> 2));
  memory.fill(0, XMM_WORD, XMM_WORD + (XMM_SIZE >> 2));
  registers.setField(X87, 0x37f);
  registers.setField(MXCSR, 0x1f80);
}

/** struct stack_t. */
export function writeAltStack(view: DataView, at: number, stack: Thread["altStack"]): void {
  setU64(view, at, stack.address);
  view.setUint32(at + 8, stack.flags >>> 0, true);
  setU64(view, at + 16, stack.size);
}

export function readAltStack(view: DataView, at: number): Thread["altStack"] {
  return { address: getI64(view, at), flags: view.getInt32(at + 8, true), size: getI64(view, at + 16) };
}

export { SIGALTSTACK_SIZE };

function setU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value >>> 0, true);
  view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}

function getU64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
}

function getI64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getInt32(at + 4, true) * 0x1_0000_0000;
}

/** Notes what the CPU reported, for the frames to come (thread.trap_nr, error_code and cr2 of Linux). */
export function recordFault(t: Thread): void {
  const { registers } = t.kernel;
  t.fault = {
    vector: registers.field(FAULT_VECTOR),
    code: registers.field(FAULT_CODE),
    address: registers.field64(FAULT_ADDRESS),
  };
}
