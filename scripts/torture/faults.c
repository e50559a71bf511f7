// Loaded in front of expt (LD_PRELOAD) to place a fault before one of its file operations.
//
// TORTURE_AT: the number of the operation, from 0. TORTURE_DO: kill, term, int (a signal), enospc
// (from there on a full disk: nothing is created and nothing written), eio (this one fails).
// Operations: opening to create, write (not to a terminal's three), fsync, rename, link, unlink,
// mkdir, ftruncate.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long operations;

/// Whether this operation is to fail, with errno set.
static int fails(int takes_space) {
  const char *at = getenv("TORTURE_AT"), *how = getenv("TORTURE_DO");
  if (!at || !how) return 0;
  long number = atomic_fetch_add(&operations, 1), wanted = atol(at);
  if (!strcmp(how, "enospc") && number >= wanted && takes_space) return errno = ENOSPC;
  if (number != wanted) return 0;
  if (!strcmp(how, "kill")) kill(getpid(), SIGKILL);
  if (!strcmp(how, "term")) kill(getpid(), SIGTERM);
  if (!strcmp(how, "int")) kill(getpid(), SIGINT);
  if (!strcmp(how, "eio")) return errno = EIO;
  return 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int opens(const char *symbol, const char *path, int flags, mode_t mode) {
  if ((flags & O_CREAT) && fails(1)) return -1;
  return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, symbol))(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return opens("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  return opens("open64", path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  if ((flags & O_CREAT) && fails(1)) return -1;
  return NEXT(openat)(folder, path, flags, mode);
}

ssize_t write(int file, const void *bytes, size_t count) {
  return file > 2 && fails(1) ? -1 : NEXT(write)(file, bytes, count);
}

int fsync(int file) { return fails(0) ? -1 : NEXT(fsync)(file); }
int rename(const char *a, const char *b) { return fails(0) ? -1 : NEXT(rename)(a, b); }
int link(const char *a, const char *b) { return fails(1) ? -1 : NEXT(link)(a, b); }
int unlink(const char *path) { return fails(0) ? -1 : NEXT(unlink)(path); }
int mkdir(const char *path, mode_t mode) { return fails(1) ? -1 : NEXT(mkdir)(path, mode); }
int ftruncate(int file, off_t size) { return fails(0) ? -1 : NEXT(ftruncate)(file, size); }
