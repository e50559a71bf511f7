#ifndef CK_VECTOR_DENSITY_H
#define CK_VECTOR_DENSITY_H

#include "pool.h"
#include "vector_gradient.h"

// Log probabilities and densities of each of n elements, in nats, constants included. What would cancel
// in float32 is computed in double and rounded once. No gradient goes to the values x.

/// out = x·log μ − μ − log x!, of whole x ≥ 0.
void ck_poisson_log(ck_pool *pool, long n, const float *log_mean, const float *x, float *out);
void ck_poisson_log_backward(ck_pool *pool, long n, const float *log_mean, const float *x,
                             const float *g, ck_gradient dlog_mean);

/// out = log Γ(x + θ) − log Γ(θ) − log x! + θ·log(θ/(θ + μ)) + x·log(μ/(θ + μ)), of whole x ≥ 0: mean μ,
/// variance μ + μ²/θ.
void ck_negative_binomial_log(ck_pool *pool, long n, const float *log_mean,
                              const float *log_dispersion, const float *x, float *out);
void ck_negative_binomial_log_backward(ck_pool *pool, long n, const float *log_mean,
                                       const float *log_dispersion, const float *x, const float *g,
                                       ck_gradient dlog_mean, ck_gradient dlog_dispersion);

/// out = log Beta(x; α, β), α = c·σ(l), β = c·σ(−l) of logits l and concentrations c, of x between 0
/// and 1 (the bounds count as the nearest number between).
void ck_beta_log(ck_pool *pool, long n, const float *logit, const float *log_concentration,
                 const float *x, float *out);
void ck_beta_log_backward(ck_pool *pool, long n, const float *logit,
                          const float *log_concentration, const float *x, const float *g,
                          ck_gradient dlogit, ck_gradient dlog_concentration);

/// out = ½(ν + 1)·log(1 + z²/ν) of standardised errors z: the tail of Student's t distribution.
void ck_student_t_tail(ck_pool *pool, long n, const float *z, const float *log_freedom, float *out);
void ck_student_t_tail_backward(ck_pool *pool, long n, const float *z, const float *log_freedom,
                                const float *g, ck_gradient dz, ck_gradient dlog_freedom);

/// out = log P(x) as in ck_discretized_logistic_nll, of each element with its own scale.
void ck_discretized_logistic_log(ck_pool *pool, long n, const float *location,
                                 const float *log_scale, const float *x, float *out);
void ck_discretized_logistic_log_backward(ck_pool *pool, long n, const float *location,
                                          const float *log_scale, const float *x, const float *g,
                                          ck_gradient dlocation, ck_gradient dlog_scale);

/// out[outer, inner] = log Σ exp(x) − x at index[outer, inner], along the middle axis of
/// x[outer, length, inner]: −log softmax of a category. Numbers that are no category count as x = 0.
/// `total`[outer, inner] gets log Σ exp(x), for the gradient.
void ck_categorical_nll(ck_pool *pool, long outer, long length, long inner, const float *x,
                        const float *index, float *out, float *total);
void ck_categorical_nll_backward(ck_pool *pool, long outer, long length, long inner, const float *x,
                                 const float *index, float *total, const float *g, ck_gradient dx);

#endif
