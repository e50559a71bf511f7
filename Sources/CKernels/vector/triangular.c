// Lower triangular matrices: see vector_triangular.h.
#include "include/vector_triangular.h"

#include "vector/kernels.h"

void ck_triangular_product(ck_pool *pool, long batch, long d, const float *l, const float *x,
                           float *y) {
  ck_triangular_args args = {.d = d, .l = l, .x = x, .dx = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_triangular_product, &args, batch, ck_light_grain(d * d));
}

void ck_triangular_product_backward(ck_pool *pool, long batch, long d, const float *l,
                                    const float *x, const float *dy, ck_gradient dl,
                                    ck_gradient dx) {
  ck_triangular_args args = {.d = d, .l = l, .x = x, .dy = dy, .dl = dl, .dx = dx};
  ck_vector_run(pool, CK_KERNEL_triangular_product_backward, &args, batch, ck_light_grain(d * d));
}

void ck_triangular_solve(ck_pool *pool, long batch, long d, const float *l, const float *x,
                         float *y) {
  ck_triangular_args args = {.d = d, .l = l, .x = x, .dx = {y, 0}};
  ck_vector_run(pool, CK_KERNEL_triangular_solve, &args, batch, ck_light_grain(d * d));
}

void ck_triangular_solve_backward(ck_pool *pool, long batch, long d, const float *l,
                                  const float *y, const float *dy, float *work, ck_gradient dl,
                                  ck_gradient dx) {
  ck_triangular_args args = {.d = d, .l = l, .x = y, .dy = dy, .work = work, .dl = dl, .dx = dx};
  ck_vector_run(pool, CK_KERNEL_triangular_solve_backward, &args, batch, ck_light_grain(d * d));
}
