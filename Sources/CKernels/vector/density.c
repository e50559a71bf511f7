// Log densities of each element: see vector_density.h.
#include "include/vector_density.h"

#include "vector/kernels.h"

static void run(ck_pool *pool, ck_kernel_number kernel, long n, const ck_density_args *args) {
  ck_vector_run(pool, kernel, args, n, ck_heavy_grain(8));
}

void ck_poisson_log(ck_pool *pool, long n, const float *log_mean, const float *x, float *out) {
  ck_density_args args = {.kind = CK_DENSITY_POISSON, .a = log_mean, .x = x, .out = out};
  run(pool, CK_KERNEL_density, n, &args);
}

void ck_poisson_log_backward(ck_pool *pool, long n, const float *log_mean, const float *x,
                             const float *g, ck_gradient dlog_mean) {
  ck_density_args args = {
      .kind = CK_DENSITY_POISSON, .a = log_mean, .x = x, .g = g, .da = dlog_mean};
  run(pool, CK_KERNEL_density_backward, n, &args);
}

#define DENSITY_OF_TWO(function, density_kind, forward, backward)                                  \
  void function(ck_pool *pool, long n, const float *a, const float *b, const float *x,             \
                float *out) {                                                                      \
    ck_density_args args = {.kind = density_kind, .a = a, .b = b, .x = x, .out = out};             \
    run(pool, forward, n, &args);                                                                  \
  }                                                                                                \
  void function##_backward(ck_pool *pool, long n, const float *a, const float *b, const float *x,  \
                           const float *g, ck_gradient da, ck_gradient db) {                       \
    ck_density_args args = {                                                                       \
        .kind = density_kind, .a = a, .b = b, .x = x, .g = g, .da = da, .db = db};                 \
    run(pool, backward, n, &args);                                                                 \
  }

DENSITY_OF_TWO(ck_negative_binomial_log, CK_DENSITY_NEGATIVE_BINOMIAL, CK_KERNEL_density,
               CK_KERNEL_density_backward)
DENSITY_OF_TWO(ck_beta_log, CK_DENSITY_BETA, CK_KERNEL_density, CK_KERNEL_density_backward)
DENSITY_OF_TWO(ck_discretized_logistic_log, 0, CK_KERNEL_discretized_logistic,
               CK_KERNEL_discretized_logistic_backward)

void ck_student_t_tail(ck_pool *pool, long n, const float *z, const float *log_freedom,
                       float *out) {
  ck_density_args args = {.kind = CK_DENSITY_STUDENT_T_TAIL, .a = z, .b = log_freedom, .out = out};
  run(pool, CK_KERNEL_density, n, &args);
}

void ck_student_t_tail_backward(ck_pool *pool, long n, const float *z, const float *log_freedom,
                                const float *g, ck_gradient dz, ck_gradient dlog_freedom) {
  ck_density_args args = {.kind = CK_DENSITY_STUDENT_T_TAIL,
                          .a = z,
                          .b = log_freedom,
                          .g = g,
                          .da = dz,
                          .db = dlog_freedom};
  run(pool, CK_KERNEL_density_backward, n, &args);
}

static void run_along(ck_pool *pool, ck_kernel_number kernel, long outer,
                      const ck_categorical_args *args) {
  long inner = args->axis.inner, size = args->axis.length * (inner < 16 ? inner : 16);
  ck_vector_run(pool, kernel, args, outer * ((inner + 15) / 16), ck_heavy_grain(size));
}

void ck_categorical_nll(ck_pool *pool, long outer, long length, long inner, const float *x,
                        const float *index, float *out, float *total) {
  ck_categorical_args args = {
      .axis = {.length = length, .inner = inner, .x = x, .out = {out, 0}},
      .index = index,
      .total = total};
  run_along(pool, CK_KERNEL_categorical, outer, &args);
}

void ck_categorical_nll_backward(ck_pool *pool, long outer, long length, long inner, const float *x,
                                 const float *index, float *total, const float *g,
                                 ck_gradient dx) {
  if (!dx.to) return;
  ck_categorical_args args = {.axis = {.length = length, .inner = inner, .x = x, .g = g, .out = dx},
                              .index = index,
                              .total = total};
  run_along(pool, CK_KERNEL_categorical_backward, outer, &args);
}
