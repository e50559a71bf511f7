#ifndef CK_VECTOR_LOSS_H
#define CK_VECTOR_LOSS_H

#include "pool.h"
#include "vector_gradient.h"

// Losses are summed over the columns, in nats, constants included: one number for each row of
// [rows, cols]. Each backward function takes g[rows], the gradient by those numbers.

/// What a log-scale array holds.
typedef enum ck_scale {
  CK_SCALE_SHARED,   ///< [1]: one for all elements
  CK_SCALE_ELEMENT,  ///< [rows, cols]
} ck_scale;

/// loss[rows] = Σ softplus(l) − t·l: −log Bernoulli(t; sigmoid(l)), also for grey t in 0 ... 1.
///
/// `residual`[rows, cols], if not NULL, gets sigmoid(l) − t, the derivative by l:
/// ck_scale_rows makes the gradient of it.
void ck_bernoulli_nll(ck_pool *pool, long rows, long cols, const float *logits,
                      const float *targets, float *loss, float *residual);
void ck_bernoulli_nll_backward(ck_pool *pool, long rows, long cols, const float *logits,
                               const float *targets, const float *g, ck_gradient dlogits);

/// dx[rows, cols] = or += g[row] · x[rows, cols].
void ck_scale_rows(ck_pool *pool, long rows, long cols, const float *x, const float *g,
                   ck_gradient dx);

/// loss[rows] = Σ softplus(l) − t·l − log C with the normaliser C = 2·artanh(1 − 2λ)/(1 − 2λ),
/// λ = sigmoid(l), C = 2 at λ = ½. Computed as log((e^l − 1)/l) − t·l, which is the same.
///
/// Source: Loaiza-Ganem & Cunningham, "The continuous Bernoulli", NeurIPS 2019.
void ck_continuous_bernoulli_nll(ck_pool *pool, long rows, long cols, const float *logits,
                                 const float *targets, float *loss);
void ck_continuous_bernoulli_nll_backward(ck_pool *pool, long rows, long cols, const float *logits,
                                          const float *targets, const float *g,
                                          ck_gradient dlogits);

/// loss[rows] = Σ ½((t − m)/s)² + log s + ½ log 2π, s = exp(log_scale).
void ck_gaussian_nll(ck_pool *pool, ck_scale scale, long rows, long cols, const float *mean,
                     const float *targets, const float *log_scale, float *loss);
void ck_gaussian_nll_backward(ck_pool *pool, ck_scale scale, long rows, long cols,
                              const float *mean, const float *targets, const float *log_scale,
                              const float *g, ck_gradient dmean, ck_gradient dlog_scale);

/// loss[rows] = Σ |t − m|/s + log 2s, s = exp(log_scale). The derivative by m is 0 where t = m.
void ck_laplace_nll(ck_pool *pool, ck_scale scale, long rows, long cols, const float *location,
                    const float *targets, const float *log_scale, float *loss);
void ck_laplace_nll_backward(ck_pool *pool, ck_scale scale, long rows, long cols,
                             const float *location, const float *targets, const float *log_scale,
                             const float *g, ck_gradient dlocation, ck_gradient dlog_scale);

/// loss[rows] = −Σ log P(t): a logistic distribution in units of the pixel range 0 ... 1, integrated
/// over the bin of t among 256 levels k/255; the lowest bin reaches to −∞ and the highest to +∞.
///
/// Computed without cancellation: log(σ(a) − σ(b)) = log σ(a) + log σ(−b) + log(1 − e^(b−a)).
/// Source: Salimans et al., "PixelCNN++", ICLR 2017, section 2.1.
void ck_discretized_logistic_nll(ck_pool *pool, ck_scale scale, long rows, long cols,
                                 const float *location, const float *targets,
                                 const float *log_scale, float *loss);
void ck_discretized_logistic_nll_backward(ck_pool *pool, ck_scale scale, long rows, long cols,
                                          const float *location, const float *targets,
                                          const float *log_scale, const float *g,
                                          ck_gradient dlocation, ck_gradient dlog_scale);

/// kl[n] = ½(exp(v) + m² − 1 − v): KL(N(m, exp v) ‖ N(0, 1)) of each element, in nats.
void ck_gaussian_kl(ck_pool *pool, long n, const float *mean, const float *log_variance,
                    float *kl);
/// From g[n], the gradient by each element's KL.
void ck_gaussian_kl_backward(ck_pool *pool, long n, const float *mean, const float *log_variance,
                             const float *g, ck_gradient dmean, ck_gradient dlog_variance);

/// z[n] = m + exp(½ v) · noise.
void ck_reparameterize(ck_pool *pool, long n, const float *mean, const float *log_variance,
                       const float *noise, float *z);
/// dmean = dz; dlog_variance = ½ exp(½ v) · noise · dz.
void ck_reparameterize_backward(ck_pool *pool, long n, const float *log_variance,
                                const float *noise, const float *dz, ck_gradient dmean,
                                ck_gradient dlog_variance);

/// density[rows] = −½ Σ (v + (z − m)² exp(−v) + log 2π): log N(z; m, exp v) of each row.
///
/// `mean` and `log_variance` may be NULL (both): the standard normal.
void ck_gaussian_log_density(ck_pool *pool, long rows, long cols, const float *z,
                             const float *mean, const float *log_variance, float *density);
void ck_gaussian_log_density_backward(ck_pool *pool, long rows, long cols, const float *z,
                                      const float *mean, const float *log_variance,
                                      const float *g, ck_gradient dz, ck_gradient dmean,
                                      ck_gradient dlog_variance);

#endif
