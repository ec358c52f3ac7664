// Multibyte and wide characters, locales.
#include "guest.h"
#include <locale.h>
#include <wchar.h>
#include <wctype.h>
int main(void) {
  if (!setlocale(LC_ALL, "C.UTF-8")) return printf("no C.UTF-8\n") < 0;
  const char *text = "größe € 🙂";
  wchar_t wide[32];
  size_t n = mbstowcs(wide, text, 32);
  printf("%zu characters of %zu bytes\n", n, strlen(text));
  for (size_t i = 0; i < n; i++) printf("%x ", (unsigned)wide[i]);
  char back[64];
  n = wcstombs(back, wide, 64);
  printf("\n%zu %d\n", n, strcmp(back, text));
  mbstate_t state = {0};
  wchar_t one;
  printf("%zd %zd\n", (ssize_t)mbrtowc(&one, "\xc3", 1, &state), (ssize_t)mbrtowc(&one, "\xb6", 1, &state));
  memset(&state, 0, sizeof state);
  printf("%zd %s\n", (ssize_t)mbrtowc(&one, "\xff", 1, &state), errno == EILSEQ ? "EILSEQ" : "");
  printf("%d %d %d %x\n", iswalpha(L'ö') != 0, iswdigit(L'5') != 0, iswspace(L' ') != 0, (unsigned)towupper(L'ö'));
  swprintf(wide, 32, L"%ls %5d %.2f", L"wide", 42, 2.5);
  printf("%ls %ld %g\n", wide, wcstol(L"-77", 0, 10), wcstod(L"1.5e3", 0));
  printf("%d %ls\n", wcscmp(L"a", L"b") < 0, wcsstr(L"in the middle", L"the"));
  printf("%lc|%5ls|%.2ls\n", (wint_t)0x20ac, L"ab", L"abcdef");
  return 0;
}
