// regcomp, fnmatch, glob, wordexp's kin: string machinery of the C library over files.
#include "guest.h"
#include <fnmatch.h>
#include <ftw.h>
#include <glob.h>
#include <regex.h>
#include <search.h>
static void match(const char *pattern, const char *text) {
  regex_t r;
  regmatch_t m[4];
  int e = regcomp(&r, pattern, REG_EXTENDED);
  if (e) {
    printf("%s: bad pattern\n", pattern);
    return;
  }
  e = regexec(&r, text, 4, m, 0);
  printf("%s on %s: ", pattern, text);
  if (e) printf("none");
  else for (int i = 0; i < 4 && m[i].rm_so >= 0; i++) printf("[%d,%d)", (int)m[i].rm_so, (int)m[i].rm_eo);
  printf("\n");
  regfree(&r);
}
static int visited, bytes;
static int visit(const char *path, const struct stat *s, int type, struct FTW *f) {
  visited++;
  if (type == FTW_F) bytes += s->st_size;
  return type == FTW_DP && f->level > 0 ? rmdir(path) : type == FTW_F ? unlink(path) : 0;
}
static int by_text(const void *a, const void *b) { return strcmp(a, b); }
static void walk(const void *node, VISIT v, int depth) {
  if (v == postorder || v == leaf) printf("%s ", *(char **)node);
}
int main(void) {
  match("a(b+)c", "xxabbbc");
  match("^([a-z]+)@([a-z.]+)$", "user@example.org");
  match("(a|ab)(c|bcd)", "abcd");
  match("[[:digit:]]{2,3}", "a12345");
  match("x*", "");
  match("(", "x");
  match("nothing", "something");
  printf("%d %d %d\n", fnmatch("*.c", "file.c", 0), fnmatch("*", ".hidden", FNM_PERIOD) != 0, fnmatch("a/*", "a/b/c", FNM_PATHNAME) != 0);
  enter_folder();
  mkdir("sub", 0755);
  char name[32];
  for (int i = 0; i < 12; i++) {
    snprintf(name, sizeof name, "%sfile%02d.%s", i % 4 ? "" : "sub/", i, i % 2 ? "c" : "h");
    FILE *f = fopen(name, "w");
    fprintf(f, "%d\n", i * i);
    fclose(f);
  }
  glob_t g;
  printf("glob %d:", glob("*/*[48].h", GLOB_MARK, 0, &g));
  for (size_t i = 0; i < g.gl_pathc; i++) printf(" %s", g.gl_pathv[i]);
  globfree(&g);
  printf("\nglob %d:", glob("file*.c", 0, 0, &g));
  for (size_t i = 0; i < g.gl_pathc; i++) printf(" %s", g.gl_pathv[i]);
  globfree(&g);
  printf("\nnone %d\n", glob("no*", 0, 0, &g) == GLOB_NOMATCH);
  nftw(".", visit, 8, FTW_DEPTH | FTW_PHYS);
  printf("visited %d, bytes %d\n", visited, bytes);
  void *root = 0;
  const char *words[] = {"pear", "apple", "fig", "apple", "date"};
  for (int i = 0; i < 5; i++) tsearch(words[i], &root, by_text);
  twalk(root, walk);
  printf("\n");
  leave_folder();
  return 0;
}
