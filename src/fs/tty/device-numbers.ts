import { makeDevice } from "../../abi/stat.ts";

/** /dev/tty: the caller's controlling terminal. */
export const TTY_DEVICE = makeDevice(5, 0);
/** /dev/console: the terminal of the machine's own command. */
export const CONSOLE_DEVICE = makeDevice(5, 1);
/** /dev/ptmx: a new pseudoterminal. */
export const PTMX_DEVICE = makeDevice(5, 2);
/** /dev/pts/N. */
export const slaveDevice = (index: number): number => makeDevice(136 + (index >> 8), index & 0xff);
