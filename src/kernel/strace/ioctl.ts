/** The third argument of ioctl(2), by the request: nothing, a number, or what it points to. */
import * as requests from "../../abi/ioctl.ts";
import * as termios from "../../abi/termios.ts";
import type { Thread } from "../task.ts";
import { type Names, printFlags } from "./constants.ts";

const {
  FIOASYNC,
  FIOCLEX,
  FIONBIO,
  FIONCLEX,
  FIONREAD,
  TCFLSH,
  TCGETS,
  TCGETS2,
  TCSBRK,
  TCSBRKP,
  TCSETS,
  TCSETS2,
  TCSETSF,
  TCSETSF2,
  TCSETSW,
  TCSETSW2,
  TCXONC,
  TIOCCBRK,
  TIOCEXCL,
  TIOCGETD,
  TIOCGEXCL,
  TIOCGPGRP,
  TIOCGPKT,
  TIOCGPTLCK,
  TIOCGPTN,
  TIOCGPTPEER,
  TIOCGSID,
  TIOCGWINSZ,
  TIOCNOTTY,
  TIOCNXCL,
  TIOCOUTQ,
  TIOCPKT,
  TIOCSBRK,
  TIOCSCTTY,
  TIOCSETD,
  TIOCSIG,
  TIOCSPGRP,
  TIOCSPTLCK,
  TIOCSWINSZ,
  TIOCVHANGUP,
} = requests;

/** Those without an argument, and those whose argument is a number. */
const BARE = new Set([FIOCLEX, FIONCLEX, TIOCEXCL, TIOCNXCL, TIOCNOTTY, TIOCVHANGUP, TIOCSBRK, TIOCCBRK]);
const NUMBERS = new Set([TCSBRK, TCSBRKP, TCXONC, TCFLSH, TIOCSCTTY, TIOCSIG, TIOCGPTPEER]);

type Show = (t: Thread, at: number) => string;

const integer: Show = (t, at) => `[${t.user.i32(at)}]`;

const windowSize: Show = (t, at) => {
  const size = termios.decodeWindowSize(t.user.read(at, termios.WINSIZE_BYTES));
  return `{ws_row=${size.rows}, ws_col=${size.columns}, ws_xpixel=${size.width}, ws_ypixel=${size.height}}`;
};

/** Flags of a field of struct termios by their names in the header. */
const flags = (names: string): Names => ({
  flags: names.split(" ").map((name) => [(termios as unknown as Record<string, number>)[name], name] as const),
});
const FIELDS: readonly [name: string, at: number, names: Names][] = [
  [
    "c_iflag",
    0,
    flags("IGNBRK BRKINT IGNPAR PARMRK INPCK ISTRIP INLCR IGNCR ICRNL IUCLC IXON IXANY IXOFF IMAXBEL IUTF8"),
  ],
  ["c_oflag", 4, flags("OPOST OLCUC ONLCR OCRNL ONOCR ONLRET XTABS")],
  ["c_cflag", 8, flags("CS8 CREAD PARENB CLOCAL")],
  ["c_lflag", 12, flags("ISIG ICANON ECHO ECHOE ECHOK ECHONL NOFLSH TOSTOP ECHOCTL ECHOPRT ECHOKE IEXTEN EXTPROC")],
];

const settings: Show = (t, at) =>
  `{${FIELDS.map(([name, offset, names]) => `${name}=${printFlags(names, t.user.u32(at + offset))}`).join(", ")}, ...}`;

/** What the caller gives, and what it gets. */
const INPUTS = new Map<number, Show>([
  ...[FIONBIO, FIOASYNC, TIOCSPGRP, TIOCSPTLCK, TIOCPKT, TIOCSETD].map((request) => [request, integer] as const),
  ...[TCSETS, TCSETSW, TCSETSF, TCSETS2, TCSETSW2, TCSETSF2].map((request) => [request, settings] as const),
  [TIOCSWINSZ, windowSize],
]);
const OUTPUTS = new Map<number, Show>([
  ...[FIONREAD, TIOCGPGRP, TIOCGSID, TIOCOUTQ, TIOCGPTN, TIOCGPTLCK, TIOCGPKT, TIOCGETD, TIOCGEXCL].map(
    (request) => [request, integer] as const,
  ),
  [TCGETS, settings],
  [TCGETS2, settings],
  [TIOCGWINSZ, windowSize],
]);

export function ioctl(parts: string[], [, request, argument]: readonly number[], t: Thread, result: number): string[] {
  if (BARE.has(request)) return parts.slice(0, 2);
  if (NUMBERS.has(request)) return [parts[0], parts[1], String(argument)];
  const show = INPUTS.get(request) ?? (result >= 0 ? OUTPUTS.get(request) : undefined);
  return show === undefined || argument === 0 ? parts : [parts[0], parts[1], show(t, argument)];
}
