/** Terminal settings (termios(3), include/uapi/asm-generic/termbits.h) and struct winsize. Octal, as in the headers. */

// c_iflag
export const IGNBRK = 0o1;
export const BRKINT = 0o2;
export const IGNPAR = 0o4;
export const PARMRK = 0o10;
export const INPCK = 0o20;
export const ISTRIP = 0o40;
export const INLCR = 0o100;
export const IGNCR = 0o200;
export const ICRNL = 0o400;
export const IUCLC = 0o1000;
export const IXON = 0o2000;
export const IXANY = 0o4000;
export const IXOFF = 0o10000;
export const IMAXBEL = 0o20000;
export const IUTF8 = 0o40000;

// c_oflag
export const OPOST = 0o1;
export const OLCUC = 0o2;
export const ONLCR = 0o4;
export const OCRNL = 0o10;
export const ONOCR = 0o20;
export const ONLRET = 0o40;
/** Of TABDLY, the value that makes tabs spaces. */
export const XTABS = 0o14000;
export const TABDLY = 0o14000;

// c_cflag
export const CBAUD = 0o10017;
export const CBAUDEX = 0o10000;
/** In place of a rate: the numbers of struct termios2 count. */
export const BOTHER = 0o10000;
export const B38400 = 0o17;
export const CSIZE = 0o60;
export const CS8 = 0o60;
export const CREAD = 0o200;
export const PARENB = 0o400;
export const CLOCAL = 0o4000;
/** Where the input rate is in c_cflag. */
export const IBSHIFT = 16;

// c_lflag
export const ISIG = 0o1;
export const ICANON = 0o2;
export const ECHO = 0o10;
export const ECHOE = 0o20;
export const ECHOK = 0o40;
export const ECHONL = 0o100;
export const NOFLSH = 0o200;
export const TOSTOP = 0o400;
export const ECHOCTL = 0o1000;
export const ECHOPRT = 0o2000;
export const ECHOKE = 0o4000;
export const IEXTEN = 0o100000;
export const EXTPROC = 0o200000;

// c_cc
export const VINTR = 0;
export const VQUIT = 1;
export const VERASE = 2;
export const VKILL = 3;
export const VEOF = 4;
export const VTIME = 5;
export const VMIN = 6;
export const VSTART = 8;
export const VSTOP = 9;
export const VSUSP = 10;
export const VEOL = 11;
export const VREPRINT = 12;
export const VDISCARD = 13;
export const VWERASE = 14;
export const VLNEXT = 15;
export const VEOL2 = 16;
export const NCCS = 19;
/** A c_cc entry that stands for no character (_POSIX_VDISABLE). */
export const DISABLED = 0;

// Arguments of TCFLSH and TCXONC
export const TCIFLUSH = 0;
export const TCOFLUSH = 1;
export const TCIOFLUSH = 2;
export const TCOOFF = 0;
export const TCOON = 1;
export const TCIOFF = 2;
export const TCION = 3;

// First byte of a read in packet mode (ioctl_tty(2), TIOCPKT)
export const TIOCPKT_DATA = 0;
export const TIOCPKT_FLUSHREAD = 1;
export const TIOCPKT_FLUSHWRITE = 2;
export const TIOCPKT_STOP = 4;
export const TIOCPKT_START = 8;
export const TIOCPKT_NOSTOP = 16;
export const TIOCPKT_DOSTOP = 32;
export const TIOCPKT_IOCTL = 64;

/** The line discipline that there is (TIOCGETD). */
export const N_TTY = 0;

/** What a terminal is set to. Never changed in place: a new setting is a new object. */
export interface Termios {
  readonly iflag: number;
  readonly oflag: number;
  readonly cflag: number;
  readonly lflag: number;
  readonly line: number;
  /** NCCS characters. */
  readonly cc: Uint8Array;
  /** Bits per second. */
  readonly ispeed: number;
  readonly ospeed: number;
}

/** What a pseudoterminal starts with (tty_std_termios; INIT_C_CC). */
export const STANDARD_TERMIOS: Termios = {
  iflag: ICRNL | IXON,
  oflag: OPOST | ONLCR,
  cflag: B38400 | CS8 | CREAD,
  lflag: ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
  line: N_TTY,
  cc: Uint8Array.of(3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0),
  ispeed: 38400,
  ospeed: 38400,
};

/** Bits per second by B0 to B38400, then by B57600 to B4000000 less CBAUDEX. */
const RATES = [
  0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800,
  500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000,
];

/** The rate that `field` of c_cflag names, `other` for BOTHER. */
function rate(field: number, other: number): number {
  if (field === BOTHER) return other;
  return RATES[field & CBAUDEX ? (field & ~CBAUDEX) + 15 : field] ?? 0;
}

/** `t` with the speeds that its c_cflag names (tty_termios_baud_rate). */
export function withSpeeds(t: Termios): Termios {
  const ospeed = rate(t.cflag & CBAUD, t.ospeed);
  const input = (t.cflag >>> IBSHIFT) & CBAUD;
  return { ...t, ospeed, ispeed: input === 0 ? ospeed : rate(input, t.ispeed) };
}

/** Bytes of struct termios, struct termios2 and struct termio of the kernel. */
export const TERMIOS_BYTES = 36;
export const TERMIOS2_BYTES = 44;
export const TERMIO_BYTES = 18;
/** Of struct termio. */
const NCC = 8;

/** struct termios, or termios2 with its two speeds. */
export function encodeTermios(t: Termios, length: typeof TERMIOS_BYTES | typeof TERMIOS2_BYTES): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  [t.iflag, t.oflag, t.cflag, t.lflag].forEach((flag, i) => {
    view.setUint32(i * 4, flag, true);
  });
  bytes[16] = t.line;
  bytes.set(t.cc, 17);
  if (length === TERMIOS2_BYTES) {
    view.setUint32(36, t.ispeed, true);
    view.setUint32(40, t.ospeed, true);
  }
  return bytes;
}

/** `bytes` as struct termios (the speeds are those of `old`) or termios2. */
export function decodeTermios(bytes: Uint8Array, old: Termios): Termios {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const long = bytes.length === TERMIOS2_BYTES;
  return {
    iflag: view.getUint32(0, true),
    oflag: view.getUint32(4, true),
    cflag: view.getUint32(8, true),
    lflag: view.getUint32(12, true),
    line: bytes[16],
    cc: bytes.slice(17, 17 + NCCS),
    ispeed: long ? view.getUint32(36, true) : old.ispeed,
    ospeed: long ? view.getUint32(40, true) : old.ospeed,
  };
}

/** struct termio of System V: the low halves of the flags, and eight characters. */
export function encodeTermio(t: Termios): Uint8Array {
  const bytes = new Uint8Array(TERMIO_BYTES);
  const view = new DataView(bytes.buffer);
  [t.iflag, t.oflag, t.cflag, t.lflag].forEach((flag, i) => {
    view.setUint16(i * 2, flag, true);
  });
  bytes[8] = t.line;
  bytes.set(t.cc.subarray(0, NCC), 9);
  return bytes;
}

/** `old` with what struct termio has changed. */
export function decodeTermio(bytes: Uint8Array, old: Termios): Termios {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const half = (before: number, i: number) => ((before & ~0xffff) | view.getUint16(i * 2, true)) >>> 0;
  const cc = old.cc.slice();
  cc.set(bytes.subarray(9, 9 + NCC));
  return {
    ...old,
    iflag: half(old.iflag, 0),
    oflag: half(old.oflag, 1),
    cflag: half(old.cflag, 2),
    lflag: half(old.lflag, 3),
    line: bytes[8],
    cc,
  };
}

/** struct winsize: characters, and pixels where somebody has set them. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

export const WINSIZE_BYTES = 8;

export function encodeWindowSize(size: WindowSize): Uint8Array {
  const bytes = new Uint8Array(WINSIZE_BYTES);
  const view = new DataView(bytes.buffer);
  [size.rows, size.columns, size.width, size.height].forEach((n, i) => {
    view.setUint16(i * 2, n, true);
  });
  return bytes;
}

export function decodeWindowSize(bytes: Uint8Array): WindowSize {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [rows, columns, width, height] = [0, 2, 4, 6].map((at) => view.getUint16(at, true));
  return { rows, columns, width, height };
}
