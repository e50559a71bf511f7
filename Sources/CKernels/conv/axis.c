#include "conv/images_private.h"

static void set_class(ck_axis *a, long i) {
  for (long j = 0; j < i; j++)
    if (a->points[j].first_tap == a->points[i].first_tap &&
        a->points[j].count == a->points[i].count) {
      a->points[i].class = a->points[j].class;
      return;
    }
  a->points[i].class = a->classes++;
}

ck_axis ck_forward_axis(ck_point *points, long targets, long sources, long kernel, long stride,
                        long pad) {
  ck_axis a = {points, 1, 1, 0};
  for (long i = 0; i < targets; i++) {
    long first = ck_max(0, pad - i * stride), end = ck_min(kernel, sources + pad - i * stride);
    points[i] = (ck_point){(int32_t)first, (int32_t)ck_max(0, end - first),
                        (int32_t)(i * stride - pad + first), 0};
    set_class(&a, i);
  }
  return a;
}

ck_axis ck_backward_axis(ck_point *points, long targets, long sources, long kernel, long stride,
                         long pad) {
  ck_axis a = {points, stride, -1, 0};
  for (long i = 0; i < targets; i++) {
    // Tap k sees (i + pad − k) / stride where that is whole and inside.
    long first = (i + pad) % stride, source = (i + pad) / stride;
    if (source >= sources) first += (source - sources + 1) * stride, source = sources - 1;
    long count = first < kernel ? ck_min((kernel - first - 1) / stride, source) + 1 : 0;
    points[i] = (ck_point){(int32_t)first, (int32_t)count, (int32_t)source, 0};
    set_class(&a, i);
  }
  return a;
}
