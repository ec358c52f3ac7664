/* 80-bit arithmetic: long double, rounding, an unmasked exception as SIGFPE, registers kept across a signal handler. */
#include "guest.h"
#include <ucontext.h>

static sigjmp_buf back;

static void on_fpe(int number, siginfo_t *info, void *opaque) {
  const fpregset_t fp = ((ucontext_t *)opaque)->uc_mcontext.fpregs;
  /* The condition codes are undefined. */
  printf("signal %d code %d status %04x control %04x\n", number, info->si_code, fp->swd & ~0x4700, fp->cwd);
  siglongjmp(back, 1);
}

static void busy(int number) {
  volatile long double x = number;
  for (int i = 1; i < 9; i++) x = x * 1.5L + i;
}

static void print(const char *what, long double x) {
  unsigned char image[16] = {0};
  memcpy(image, &x, 10);
  printf("%s %.21Lg ", what, x);
  for (int i = 9; i >= 0; i--) printf("%02x", image[i]);
  printf("\n");
}

int main(void) {
  volatile long double third = 1.0L / 3, tiny = 0x1p-16445L, huge = 0x1.8p16383L, zero = 0;
  print("third", third);
  print("sum", third + 0x1p-66L);
  print("denormal", tiny * 3);
  print("underflow", tiny / 2);
  print("overflow", huge * 2);
  print("pi / third", 3.14159265358979323846264L / third);
  print("strtold", strtold("1.234567890123456789012345e-4940", NULL));
  printf("%.30Lf %Le %La\n", third, tiny, huge);

  const unsigned short controls[] = {0x37f, 0x77f, 0xb7f, 0xf7f, 0x27f, 0x07f};
  for (int i = 0; i < 6; i++) {
    long double x, root, sine;
    long integer;
    __asm__ volatile("fldcw %0" ::"m"(controls[i]));
    __asm__ volatile("fldpi\n\tfldl2t\n\tfdivp" : "=t"(x));
    __asm__ volatile("fldpi\n\tfsqrt" : "=t"(root));
    __asm__ volatile("fld1\n\tfsin" : "=t"(sine));
    __asm__ volatile("fldpi\n\tfistpll %0" : "=m"(integer));
    __asm__ volatile("fninit");
    printf("control %04x integer %ld\n", controls[i], integer);
    print(" quotient", x);
    print(" root", root);
    if (controls[i] == 0x37f) print(" sine", sine);
  }

  struct sigaction action = {.sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO};
  sigaction(SIGFPE, &action, NULL);
  const unsigned short unmasked = 0x37b;
  if (!sigsetjmp(back, 1)) {
    __asm__ volatile("fldcw %0" ::"m"(unmasked));
    volatile long double infinite = third / zero;
    __asm__ volatile("fwait");
    print("not reached", infinite);
  }
  __asm__ volatile("fninit");

  signal(SIGUSR1, busy);
  long double kept;
  long pid = getpid(), result = 62; /* kill */
  __asm__ volatile("fldpi\n\tfld1\n\tfld1\n\tfaddp\n\tsyscall\n\tfmulp"
                   : "=t"(kept), "+a"(result)
                   : "D"(pid), "S"((long)SIGUSR1)
                   : "rcx", "r11", "memory");
  print("across a signal", kept);
  return (int)result;
}
