// Losses and Gaussian latents: see vector_loss.h.
#include <stddef.h>

#include "core/scratch.h"
#include "vector/kernels.h"

static void run_nll(ck_pool *pool, const ck_nll_args *args) {
  ck_vector_run(pool, CK_KERNEL_nll, args, args->rows, ck_heavy_grain(args->cols));
}

/// The gradient by one scale for all: groups of rows in parallel, their sums in order.
static void sum_by_scale(ck_pool *pool, ck_nll_args *args, ck_gradient dlog_scale) {
  args->group = ck_heavy_grain(args->cols);
  long groups = (args->rows + args->group - 1) / args->group;
  args->partial = (double *)(void *)ck_scratch(pool, 0, CK_SCRATCH_PARTIAL, 2 * groups + 2);
  ck_vector_run(pool, CK_KERNEL_nll_shared_scale, args, groups, 1);
  double sum = 0;
  for (long i = 0; i < groups; i++) sum += args->partial[i];
  dlog_scale.to[0] = dlog_scale.add ? dlog_scale.to[0] + (float)sum : (float)sum;
}

static void run_nll_backward(ck_pool *pool, ck_nll_args *args) {
  int shared = args->scale == CK_SCALE_SHARED;
  if (args->dx.to || (args->dlog_scale.to && !shared))
    ck_vector_run(pool, CK_KERNEL_nll_backward, args, args->rows, ck_heavy_grain(args->cols));
  if (args->dlog_scale.to && shared) sum_by_scale(pool, args, args->dlog_scale);
}

void ck_bernoulli_nll(ck_pool *pool, long rows, long cols, const float *logits,
                      const float *targets, float *loss, float *residual) {
  ck_nll_args args = {.kind = CK_NLL_BERNOULLI,
                      .rows = rows,
                      .cols = cols,
                      .x = logits,
                      .targets = targets,
                      .loss = loss,
                      .residual = residual};
  run_nll(pool, &args);
}

void ck_bernoulli_nll_backward(ck_pool *pool, long rows, long cols, const float *logits,
                               const float *targets, const float *g, ck_gradient dlogits) {
  ck_nll_args args = {.kind = CK_NLL_BERNOULLI,
                      .rows = rows,
                      .cols = cols,
                      .x = logits,
                      .targets = targets,
                      .g = g,
                      .dx = dlogits};
  run_nll_backward(pool, &args);
}

void ck_scale_rows(ck_pool *pool, long rows, long cols, const float *x, const float *g,
                   ck_gradient dx) {
  ck_nll_args args = {.cols = cols, .x = x, .g = g, .dx = dx};
  ck_vector_run(pool, CK_KERNEL_scale_rows, &args, rows, ck_light_grain(cols));
}

void ck_continuous_bernoulli_nll(ck_pool *pool, long rows, long cols, const float *logits,
                                 const float *targets, float *loss) {
  ck_nll_args args = {.kind = CK_NLL_CONTINUOUS_BERNOULLI,
                      .rows = rows,
                      .cols = cols,
                      .x = logits,
                      .targets = targets,
                      .loss = loss};
  run_nll(pool, &args);
}

void ck_continuous_bernoulli_nll_backward(ck_pool *pool, long rows, long cols, const float *logits,
                                          const float *targets, const float *g,
                                          ck_gradient dlogits) {
  ck_nll_args args = {.kind = CK_NLL_CONTINUOUS_BERNOULLI,
                      .rows = rows,
                      .cols = cols,
                      .x = logits,
                      .targets = targets,
                      .g = g,
                      .dx = dlogits};
  run_nll_backward(pool, &args);
}

/// A loss with a location and a scale, and its gradients.
#define LOSS_WITH_SCALE(function, nll_kind)                                                        \
  void function(ck_pool *pool, ck_scale scale, long rows, long cols, const float *location,        \
                const float *targets, const float *log_scale, float *loss) {                       \
    ck_nll_args args = {.kind = nll_kind,                                                          \
                        .scale = scale,                                                            \
                        .rows = rows,                                                              \
                        .cols = cols,                                                              \
                        .x = location,                                                             \
                        .targets = targets,                                                        \
                        .log_scale = log_scale,                                                    \
                        .loss = loss};                                                             \
    run_nll(pool, &args);                                                                          \
  }                                                                                                \
  void function##_backward(ck_pool *pool, ck_scale scale, long rows, long cols,                    \
                           const float *location, const float *targets, const float *log_scale,    \
                           const float *g, ck_gradient dlocation, ck_gradient dlog_scale) {        \
    ck_nll_args args = {.kind = nll_kind,                                                          \
                        .scale = scale,                                                            \
                        .rows = rows,                                                              \
                        .cols = cols,                                                              \
                        .x = location,                                                             \
                        .targets = targets,                                                        \
                        .log_scale = log_scale,                                                    \
                        .g = g,                                                                    \
                        .dx = dlocation,                                                           \
                        .dlog_scale = dlog_scale};                                                 \
    run_nll_backward(pool, &args);                                                                 \
  }

LOSS_WITH_SCALE(ck_gaussian_nll, CK_NLL_GAUSSIAN)
LOSS_WITH_SCALE(ck_laplace_nll, CK_NLL_LAPLACE)
LOSS_WITH_SCALE(ck_discretized_logistic_nll, CK_NLL_DISCRETIZED_LOGISTIC)

void ck_gaussian_kl(ck_pool *pool, long n, const float *mean, const float *log_variance,
                    float *kl) {
  ck_latent_args args = {.mean = mean, .log_variance = log_variance, .out = kl};
  ck_vector_run(pool, CK_KERNEL_gaussian_kl, &args, n, ck_heavy_grain(1));
}

void ck_gaussian_kl_backward(ck_pool *pool, long n, const float *mean, const float *log_variance,
                             const float *g, ck_gradient dmean, ck_gradient dlog_variance) {
  ck_latent_args args = {.mean = mean,
                         .log_variance = log_variance,
                         .g = g,
                         .dmean = dmean,
                         .dlog_variance = dlog_variance};
  ck_vector_run(pool, CK_KERNEL_gaussian_kl_backward, &args, n, ck_heavy_grain(1));
}

void ck_reparameterize(ck_pool *pool, long n, const float *mean, const float *log_variance,
                       const float *noise, float *z) {
  ck_latent_args args = {.mean = mean, .log_variance = log_variance, .noise = noise, .out = z};
  ck_vector_run(pool, CK_KERNEL_reparameterize, &args, n, ck_heavy_grain(1));
}

void ck_reparameterize_backward(ck_pool *pool, long n, const float *log_variance,
                                const float *noise, const float *dz, ck_gradient dmean,
                                ck_gradient dlog_variance) {
  ck_latent_args args = {.log_variance = log_variance,
                         .noise = noise,
                         .g = dz,
                         .dmean = dmean,
                         .dlog_variance = dlog_variance};
  ck_vector_run(pool, CK_KERNEL_reparameterize_backward, &args, n, ck_heavy_grain(1));
}

void ck_gaussian_log_density(ck_pool *pool, long rows, long cols, const float *z,
                             const float *mean, const float *log_variance, float *density) {
  ck_latent_args args = {
      .cols = cols, .z = z, .mean = mean, .log_variance = log_variance, .out = density};
  ck_vector_run(pool, CK_KERNEL_gaussian_log_density, &args, rows, ck_heavy_grain(cols));
}

void ck_gaussian_log_density_backward(ck_pool *pool, long rows, long cols, const float *z,
                                      const float *mean, const float *log_variance,
                                      const float *g, ck_gradient dz, ck_gradient dmean,
                                      ck_gradient dlog_variance) {
  ck_latent_args args = {.cols = cols,
                         .z = z,
                         .mean = mean,
                         .log_variance = log_variance,
                         .g = g,
                         .dz = dz,
                         .dmean = dmean,
                         .dlog_variance = dlog_variance};
  ck_vector_run(pool, CK_KERNEL_gaussian_log_density_backward, &args, rows, ck_heavy_grain(cols));
}
