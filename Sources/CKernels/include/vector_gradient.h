#ifndef CK_VECTOR_GRADIENT_H
#define CK_VECTOR_GRADIENT_H

/// Where a gradient goes. `to` NULL: it is not wanted. `add` 0: overwrite; 1: add to what is there.
typedef struct ck_gradient {
  float *to;
  int add;
} ck_gradient;

#endif
