#ifndef CTURBOJPEG_H
#define CTURBOJPEG_H

// Decoding JPEG through the system's libturbojpeg, which is looked for when the first JPEG is read:
// programs that read none neither need it nor load it.

typedef enum tj_result {
  TJ_DONE = 0,
  TJ_NO_LIBRARY = 1, ///< no libturbojpeg, of version 2.0 or later, on this machine
  TJ_WARNED = 2,     ///< decoded, but something about the file is odd: see the reason
  TJ_FAILED = 3,     ///< not decoded: see the reason
} tj_result;

/// Whether the library is there: 1 or 0. `EXPT_TURBOJPEG` in the environment names the only file to
/// try. May be called by several threads at once, as may `tj_decode`.
int tj_is_there(void);

/// Decodes the `size` bytes of a JPEG file whose header declares `width` × `height` pixels.
///
/// `channels` is 1 for grey or 3 for red, green, blue. `pixels`, of shape [height, width, channels],
/// is the caller's and is written during the call only. `reason`, of `reason_size` bytes, becomes the
/// library's first warning or its error, or is empty.
///
/// The integer DCT ("islow") and the smooth upsampling of colour are used, whose C and SIMD forms
/// give the same bytes.
tj_result tj_decode(const unsigned char *bytes, unsigned long size, int width, int height,
                    int channels, unsigned char *pixels, char *reason, long reason_size);

#endif
