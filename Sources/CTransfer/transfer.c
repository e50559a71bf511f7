#include "include/CTransfer.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

// The part of <curl/curl.h> that is used, so that building needs no headers of libcurl. Numbers and
// signatures belong to its stable ABI (libcurl.so.4); curl_multi_poll came with 7.66 (2019).
typedef void CURL;
typedef void CURLM;
typedef struct message {
  int kind; // 1: a transfer is done
  CURL *handle;
  union {
    void *pointer;
    int result;
  } data;
} message;

enum {
  OPTION_WRITEDATA = 10001,
  OPTION_URL = 10002,
  OPTION_ERRORBUFFER = 10010,
  OPTION_USERAGENT = 10018,
  OPTION_FAILONERROR = 45,
  OPTION_FOLLOWLOCATION = 52,
  OPTION_MAXREDIRS = 68,
  OPTION_NOSIGNAL = 99,
  OPTION_CONNECTTIMEOUT_MS = 156,
  OPTION_PROTOCOLS = 181,
  OPTION_REDIR_PROTOCOLS = 182,
  OPTION_WRITEFUNCTION = 20011,
  OPTION_MAXFILESIZE_LARGE = 30117,
  PROTOCOLS_HTTP_AND_HTTPS = 3,
  INFO_RESPONSE_CODE = 0x200002,
  INFO_CONTENT_LENGTH = 0x60000f,
  INFO_PRETRANSFER_TIME = 0x300006,
  ERROR_SIZE = 256,
};

enum {
  CURL_COULD_NOT_RESOLVE_PROXY = 5,
  CURL_COULD_NOT_RESOLVE_HOST = 6,
  CURL_COULD_NOT_CONNECT = 7,
  CURL_PARTIAL_FILE = 18,
  CURL_HTTP_ERROR = 22,
  CURL_WRITE_ERROR = 23,
  CURL_TIMED_OUT = 28,
  CURL_GOT_NOTHING = 52,
  CURL_RECEIVE_ERROR = 56,
  CURL_FILE_TOO_LARGE = 63,
};

static struct {
  int (*global_init)(long flags);
  CURL *(*easy_init)(void);
  int (*easy_setopt)(CURL *, int, ...);
  int (*easy_getinfo)(CURL *, int, ...);
  const char *(*easy_strerror)(int);
  void (*easy_cleanup)(CURL *);
  CURLM *(*multi_init)(void);
  int (*multi_add_handle)(CURLM *, CURL *);
  int (*multi_remove_handle)(CURLM *, CURL *);
  int (*multi_perform)(CURLM *, int *running);
  int (*multi_poll)(CURLM *, void *, unsigned, int milliseconds, int *);
  message *(*multi_info_read)(CURLM *, int *left);
  int (*multi_cleanup)(CURLM *);
  int loaded;
} curl;

static void load_library(void) {
  const char *names[] = {"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.4.dylib",
                         "libcurl.dylib", "libcurl.so"};
  void *library = NULL;
  for (unsigned i = 0; i < sizeof names / sizeof *names && !library; i++) {
    library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  }
  if (!library) return;
  int found = 1;
#define FIND(field, name) \
  *(void **)&curl.field = dlsym(library, "curl_" name); \
  if (!curl.field) found = 0;
  FIND(global_init, "global_init")
  FIND(easy_init, "easy_init")
  FIND(easy_setopt, "easy_setopt")
  FIND(easy_getinfo, "easy_getinfo")
  FIND(easy_strerror, "easy_strerror")
  FIND(easy_cleanup, "easy_cleanup")
  FIND(multi_init, "multi_init")
  FIND(multi_add_handle, "multi_add_handle")
  FIND(multi_remove_handle, "multi_remove_handle")
  FIND(multi_perform, "multi_perform")
  FIND(multi_poll, "multi_poll")
  FIND(multi_info_read, "multi_info_read")
  FIND(multi_cleanup, "multi_cleanup")
#undef FIND
  curl.loaded = found && curl.global_init(3) == 0;
}

struct transfer {
  CURL *handle;
  long long limit;
  long long received;
  int too_large;
  int refused;
  ct_receiver receiver;
  ct_stopper stopper;
  void *context;
};

// Beside libcurl's codes, which are positive.
enum { STALLED = -1, STOPPED = -2, SLOW = -3 };

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
  struct transfer *transfer = context;
  size_t length = size * count;
  if ((long long)length > transfer->limit - transfer->received) {
    transfer->too_large = 1;
    return 0;
  }
  long long expected = -1;
  curl.easy_getinfo(transfer->handle, INFO_CONTENT_LENGTH, &expected);
  if (transfer->receiver(transfer->context, (const unsigned char *)bytes, (long)length, expected)) {
    transfer->refused = 1;
    return 0;
  }
  transfer->received += (long long)length;
  return length;
}

static long milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Runs the transfer to its end, or until no byte has come for too long, too few have come in a span
/// of time, or the caller stops it.
static int perform(CURLM *multi, struct transfer *transfer, const ct_request *request) {
  long long seen = -1;
  long since = milliseconds();
  long long span_seen = 0;
  long span_since = since;
  for (;;) {
    int running = 0;
    int left = 0;
    if (curl.multi_perform(multi, &running)) return CURL_RECEIVE_ERROR;
    for (message *m = curl.multi_info_read(multi, &left); m;
         m = curl.multi_info_read(multi, &left)) {
      if (m->kind == 1) return m->data.result;
    }
    // libcurl itself limits the time until the connection stands.
    double connected = 0;
    curl.easy_getinfo(transfer->handle, INFO_PRETRANSFER_TIME, &connected);
    if (connected == 0) {
      span_since = milliseconds();
    } else if (milliseconds() - span_since >= request->slow_milliseconds) {
      if (transfer->received - span_seen < request->slow_bytes) return SLOW;
      span_seen = transfer->received;
      span_since = milliseconds();
    }
    if (connected == 0 || transfer->received != seen) {
      seen = connected == 0 ? -1 : transfer->received;
      since = milliseconds();
    } else if (milliseconds() - since >= request->stall_milliseconds) {
      return STALLED;
    }
    if (transfer->stopper(transfer->context)) return STOPPED;
    int ready = 0;
    curl.multi_poll(multi, NULL, 0, 50, &ready);
  }
}

static ct_result meaning(int code, const struct transfer *transfer) {
  if (transfer->too_large) return CT_TOO_LARGE;
  if (transfer->refused) return CT_REFUSED;
  switch (code) {
  case 0: return CT_DONE;
  case STALLED: return CT_STALLED;
  case STOPPED: return CT_STOPPED;
  case SLOW: return CT_SLOW;
  case CURL_COULD_NOT_RESOLVE_PROXY:
  case CURL_COULD_NOT_RESOLVE_HOST: return CT_NO_HOST;
  case CURL_COULD_NOT_CONNECT:
  case CURL_TIMED_OUT: return CT_NO_ANSWER;
  case CURL_HTTP_ERROR: return CT_STATUS;
  case CURL_PARTIAL_FILE:
  case CURL_GOT_NOTHING:
  case CURL_RECEIVE_ERROR: return CT_TRUNCATED;
  case CURL_FILE_TOO_LARGE: return CT_TOO_LARGE;
  default: return CT_OTHER;
  }
}

ct_result ct_fetch(const ct_request *request, ct_receiver receiver, ct_stopper stopper,
                   void *context, long *status, char *reason, long reason_size) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  *status = 0;
  if (reason_size > 0) reason[0] = 0;
  pthread_once(&once, load_library);
  if (!curl.loaded) return CT_NO_LIBRARY;
  CURL *handle = curl.easy_init();
  CURLM *multi = curl.multi_init();
  if (!handle || !multi) {
    if (handle) curl.easy_cleanup(handle);
    if (multi) curl.multi_cleanup(multi);
    return CT_OTHER;
  }
  struct transfer transfer = {handle, request->limit, 0, 0, 0, receiver, stopper, context};
  char words[ERROR_SIZE] = "";
  curl.easy_setopt(handle, OPTION_URL, request->url);
  curl.easy_setopt(handle, OPTION_USERAGENT, request->user_agent);
  curl.easy_setopt(handle, OPTION_ERRORBUFFER, words);
  curl.easy_setopt(handle, OPTION_FAILONERROR, 1L);
  curl.easy_setopt(handle, OPTION_FOLLOWLOCATION, 1L);
  curl.easy_setopt(handle, OPTION_MAXREDIRS, 5L);
  curl.easy_setopt(handle, OPTION_NOSIGNAL, 1L);
  curl.easy_setopt(handle, OPTION_CONNECTTIMEOUT_MS, request->connect_milliseconds);
  curl.easy_setopt(handle, OPTION_PROTOCOLS, (long)PROTOCOLS_HTTP_AND_HTTPS);
  curl.easy_setopt(handle, OPTION_REDIR_PROTOCOLS, (long)PROTOCOLS_HTTP_AND_HTTPS);
  curl.easy_setopt(handle, OPTION_MAXFILESIZE_LARGE, request->limit);
  curl.easy_setopt(handle, OPTION_WRITEFUNCTION, receive);
  curl.easy_setopt(handle, OPTION_WRITEDATA, &transfer);
  int code = CURL_RECEIVE_ERROR;
  if (curl.multi_add_handle(multi, handle) == 0) {
    code = perform(multi, &transfer, request);
    curl.easy_getinfo(handle, INFO_RESPONSE_CODE, status);
    curl.multi_remove_handle(multi, handle);
  }
  if (code > 0 && reason_size > 0) {
    snprintf(reason, (size_t)reason_size, "%s", words[0] ? words : curl.easy_strerror(code));
  }
  curl.easy_cleanup(handle);
  curl.multi_cleanup(multi);
  return meaning(code, &transfer);
}
