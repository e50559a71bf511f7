#include "include/CTurboJPEG.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

// The part of <turbojpeg.h> that is used, so that building needs no headers of it. Numbers and
// signatures belong to the stable ABI of libturbojpeg.so.0; tjGetErrorStr2 came with 2.0 (2018).
typedef void *handle;

enum {
  FORMAT_RGB = 0,
  FORMAT_GREY = 6,
  FLAG_ACCURATE_DCT = 4096,
  FLAG_LIMIT_SCANS = 32768, // from 2.1: a progressive file of over 500 scans is refused
  ERROR_WARNING = 0,
};

static struct {
  handle (*init_decompress)(void);
  int (*header)(handle, const unsigned char *, unsigned long, int *, int *, int *, int *);
  int (*decompress)(handle, const unsigned char *, unsigned long, unsigned char *, int width,
                    int pitch, int height, int format, int flags);
  const char *(*error_text)(handle);
  int (*error_code)(handle);
  int (*destroy)(handle);
  int loaded;
} library;

static void load_library(void) {
  const char *names[] = {"libturbojpeg.so.0",
                         "libturbojpeg.0.dylib",
                         "/opt/homebrew/opt/jpeg-turbo/lib/libturbojpeg.0.dylib",
                         "/usr/local/opt/jpeg-turbo/lib/libturbojpeg.0.dylib",
                         "libturbojpeg.dylib",
                         "libturbojpeg.so"};
  const char *named = getenv("EXPT_TURBOJPEG");
  void *file = named && *named ? dlopen(named, RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!named || !*named) {
    for (unsigned i = 0; i < sizeof names / sizeof *names && !file; i++) {
      file = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    }
  }
  if (!file) return;
  int found = 1;
#define FIND(field, name) \
  *(void **)&library.field = dlsym(file, name); \
  if (!library.field) found = 0;
  FIND(init_decompress, "tjInitDecompress")
  FIND(header, "tjDecompressHeader3")
  FIND(decompress, "tjDecompress2")
  FIND(error_text, "tjGetErrorStr2")
  FIND(error_code, "tjGetErrorCode")
  FIND(destroy, "tjDestroy")
#undef FIND
  library.loaded = found;
}

int tj_is_there(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_library);
  return library.loaded;
}

tj_result tj_decode(const unsigned char *bytes, unsigned long size, int width, int height,
                    int channels, unsigned char *pixels, char *reason, long reason_size) {
  if (reason_size > 0) reason[0] = 0;
  if (!tj_is_there()) return TJ_NO_LIBRARY;
  handle decoder = library.init_decompress();
  if (!decoder) {
    snprintf(reason, (size_t)reason_size, "there is not enough memory");
    return TJ_FAILED;
  }
  tj_result result = TJ_DONE;
  int seen_width = 0, seen_height = 0, subsampling = 0, colours = 0;
  // A header that it cannot make sense of is no matter yet: decoding says what is wrong.
  int header = library.header(decoder, bytes, size, &seen_width, &seen_height, &subsampling, &colours);
  if (header == 0 && (seen_width != width || seen_height != height)) {
    // Decoding would scale the image to the size it is asked for.
    snprintf(reason, (size_t)reason_size, "it declares %d x %d pixels in another place", seen_width,
             seen_height);
    result = TJ_FAILED;
  } else if (library.decompress(decoder, bytes, size, pixels, width, width * channels, height,
                                channels == 1 ? FORMAT_GREY : FORMAT_RGB,
                                FLAG_ACCURATE_DCT | FLAG_LIMIT_SCANS)) {
    result = library.error_code(decoder) == ERROR_WARNING ? TJ_WARNED : TJ_FAILED;
    snprintf(reason, (size_t)reason_size, "%s", library.error_text(decoder));
  }
  library.destroy(decoder);
  return result;
}
