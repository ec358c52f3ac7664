/* Rounding modes, FTZ and DAZ, sticky flags, unmasked exceptions and their signals, MXCSR in signal frames. */
#include "guest.h"
#include <xmmintrin.h>
#include <emmintrin.h>
enum { IE = 1, DE = 2, ZE = 4, OE = 8, UE = 16, PE = 32, DAZ = 0x40, MASKS = 0x1f80, DOWN = 0x2000, UP = 0x4000, CHOP = 0x6000, FTZ = 0x8000 };
static const int modes[] = {MASKS, MASKS | DOWN, MASKS | UP, MASKS | CHOP, MASKS | DAZ, MASKS | FTZ, MASKS | FTZ | DAZ, MASKS | FTZ | UP};
static const double doubles[] = {0.0, -0.0, 1.0, -3.0, 1.0 / 3, 1e308, -1e308, 2.2250738585072014e-308, -2.2250738585072011e-308, 5e-324, 1e-160, 1.5e-154, 9007199254740993.0, 1e300 * 1e300};
static const float floats[] = {0.0f, -0.0f, 1.0f, -3.0f, 1.0f / 3, 3e38f, -3e38f, 1.17549435e-38f, -1.17549421e-38f, 1e-45f, 1e-20f, 16777217.0f, 0.1f, -1e-22f};
enum { N = 14 };

/* PE, UE and DE are only kept with another rounding mode. */
static int flags(int mode) { return _mm_getcsr() & (mode & CHOP ? 63 : IE | ZE | OE); }
static uint64_t doubles_in(int mode, uint64_t h) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      for (int op = 0; op < 7; op++) {
        volatile double a = doubles[i], b = doubles[j], r = 0;
        volatile long l = 0;
        _mm_setcsr(mode);
        switch (op) {
          case 0: r = a + b; break;
          case 1: r = a - b; break;
          case 2: r = a * b; break;
          case 3: r = a / b; break;
          case 4: r = _mm_cvtsd_f64(_mm_sqrt_sd(_mm_set_sd(a), _mm_set_sd(b))); break;
          case 5: r = (float)(a * 0.7); break;
          case 6: l = a < b ? _mm_cvtsd_si64(_mm_set_sd(a)) : _mm_cvtsd_si64(_mm_set_sd(b)); break;
        }
        int f = flags(mode);
        _mm_setcsr(MASKS);
        double d = r;
        long n = l;
        h = digest(&d, sizeof d, h);
        h = digest(&n, sizeof n, h);
        h = digest(&f, sizeof f, h);
      }
  return h;
}
static uint64_t floats_in(int mode, uint64_t h) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++)
      for (int op = 0; op < 6; op++) {
        volatile float a = floats[i], b = floats[j], r = 0;
        volatile long big = 0x123456789abcdefl + i * j;
        _mm_setcsr(mode);
        switch (op) {
          case 0: r = a + b; break;
          case 1: r = a - b; break;
          case 2: r = a * b; break;
          case 3: r = a / b; break;
          case 4: r = (double)a; break;
          case 5: r = big; break;
        }
        int f = flags(mode);
        _mm_setcsr(MASKS);
        float d = r;
        h = digest(&d, sizeof d, h);
        h = digest(&f, sizeof f, h);
      }
  return h;
}

static sigjmp_buf back;
static volatile int repair;
static void on(int sig, siginfo_t *info, void *c) {
  ucontext_t *u = c;
  printf("signal %d code %d at the instruction %d, frame %04x, handler %04x\n", sig, info->si_code,
         (greg_t)info->si_addr == u->uc_mcontext.gregs[REG_RIP], u->uc_mcontext.fpregs->mxcsr, _mm_getcsr() & ~63);
  if (!repair) siglongjmp(back, 1);
  u->uc_mcontext.fpregs->mxcsr = MASKS | UP;
}
static void user(int sig) { printf("signal %d, %04x\n", sig, _mm_getcsr() & ~63); _mm_setcsr(MASKS | CHOP); }

static void unmask(int exception, double a, double b, char op) {
  volatile double x = a, y = b, r = 7;
  if (!sigsetjmp(back, 1)) {
    _mm_setcsr(MASKS & ~(exception << 7));
    r = op == '+' ? x + y : op == '*' ? x * y : x / y;
    int csr = _mm_getcsr();
    _mm_setcsr(MASKS);
    printf("%c gives %g, %04x\n", op, r, csr);
  } else printf("%c leaves %g\n", op, r);
  _mm_setcsr(MASKS);
}

int main(void) {
  for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
    unsigned long long d = doubles_in(modes[i], 0), f = floats_in(modes[i], 0);
    printf("%04x: doubles %016llx floats %016llx\n", modes[i], d, f);
  }
  set_info_handler(SIGFPE, on, 0);
  unmask(IE, 0, 0, '/');
  unmask(ZE, 1, 0, '/');
  unmask(OE, 1e308, 1e308, '*');
  unmask(UE, 1e-308, 1e-308, '*');
  unmask(UE, 5e-324, 0.5, '*');
  unmask(PE, 1, 3, '/');
  unmask(PE, 1, 2, '/');
  unmask(DE, 5e-324, 1, '+');
  unmask(DE | PE, 5e-324, 1, '+');
  unmask(ZE | IE, 5e-324, 0, '/');
  // The handler masks everything and sets another mode: the instruction is executed again.
  repair = 1;
  volatile double x = 1, y = 3;
  _mm_setcsr(0);
  x = x / y;
  int csr = _mm_getcsr();
  _mm_setcsr(MASKS);
  printf("%.20g %04x\n", x, csr);
  // A handler has a mode of its own.
  signal(SIGUSR1, user);
  _mm_setcsr(MASKS | UP);
  raise(SIGUSR1);
  csr = _mm_getcsr() & ~63;
  x = 1;
  x = x / y;
  _mm_setcsr(MASKS);
  printf("%.20g %04x\n", x, csr);
  // A child inherits the mode.
  _mm_setcsr(MASKS | DOWN);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    y = 1 / y;
    csr = _mm_getcsr() & ~63;
    _mm_setcsr(MASKS);
    printf("child %.20g %04x\n", y, csr);
    return 0;
  }
  _mm_setcsr(MASKS);
  int status;
  waitpid(child, &status, 0);
  printf("%d\n", status);
  return 0;
}
