#ifndef CK_VECTOR_OPTIMIZER_H
#define CK_VECTOR_OPTIMIZER_H

#include "pool.h"

// One pass over flat arrays: parameters, gradients (read only) and the optimizer's state, all [n].
// The formulas are PyTorch's, agreeing to about 1e-6. State below 2^-126 in size becomes 0, since
// arithmetic on denormal numbers is slow.

/// What every step takes.
typedef struct ck_step {
  double learning_rate;
  /// Added to the gradient times the parameter; where a rule is decoupled, taken off the parameter
  /// itself.
  double weight_decay;
  /// Gradients are multiplied by this first (1: not at all): clipping by norm, averaging.
  double gradient_scale;
} ck_step;

/// base^exponent by repeated multiplication in double, for bias corrections. exponent >= 0.
double ck_power(double base, long exponent);

/// A step as a value: a rule that changes every element of the arrays by itself, from its gradient.
///
/// Made by the functions below, applied by ck_update_run or, as gradients are made, by
/// ck_gemm_update; it keeps pointers to the caller's arrays.
typedef struct ck_update {
  int rule, nesterov, decoupled, adaptive;
  float rate, gradient_rate, decay, gradient_scale;
  float beta2, one_minus_beta1, one_minus_beta2;
  float epsilon, inverse_root_bias2, momentum;
  const float *gradient;
  float *parameter, *first, *second, *third;
} ck_update;

ck_update ck_sgd_update(ck_step step, double momentum, int nesterov, float *parameter,
                        float *velocity);
ck_update ck_adam_update(ck_step step, int decoupled, double beta1, double beta2, double epsilon,
                         long count, float *parameter, float *mean, float *square);
ck_update ck_rmsprop_update(ck_step step, double alpha, double epsilon, double momentum,
                            float *parameter, float *square, float *mean, float *velocity);
ck_update ck_adagrad_update(ck_step step, double epsilon, float *parameter, float *sum);

/// Adamax: `norm` is the largest gradient so far, decaying. Source: Kingma & Ba, ICLR 2015, section 7.1.
ck_update ck_adamax_update(ck_step step, double beta1, double beta2, double epsilon, long count,
                           float *parameter, float *mean, float *norm);

/// What NAdam takes the two parts of its step by: of the gradient and of the running mean.
typedef struct ck_nadam_rates {
  double gradient, mean;
} ck_nadam_rates;

/// NAdam. Source: Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016.
ck_update ck_nadam_update(ck_step step, int decoupled, double beta1, double beta2, double epsilon,
                          long count, ck_nadam_rates rates, float *parameter, float *mean,
                          float *square);

/// RAdam; while the variance of the adaptive rate cannot be told (ρ of the step at most 5), a step along
/// the running mean. Source: Liu et al., "On the variance of the adaptive learning rate", ICLR 2020.
ck_update ck_radam_update(ck_step step, int decoupled, double beta1, double beta2, double epsilon,
                          long count, float *parameter, float *mean, float *square);

/// Lion, with decoupled decay. Source: Chen et al., arXiv 2302.06675, algorithm 2.
ck_update ck_lion_update(ck_step step, double beta1, double beta2, float *parameter, float *mean);

/// Applies a step to elements first ..< first + n of its arrays; gradient[0 ..< n] is theirs.
void ck_update_run(ck_pool *pool, const ck_update *update, long first, long n,
                   const float *gradient);

/// Stochastic gradient descent. `velocity` may be NULL if momentum is 0.
void ck_sgd(ck_pool *pool, long n, ck_step step, double momentum, int nesterov,
            const float *gradient, float *parameter, float *velocity);

/// Adam with `mean` and `square` as state; `count` is the step's number, from 1.
/// Source: Kingma & Ba, "Adam", ICLR 2015.
void ck_adam(ck_pool *pool, long n, ck_step step, double beta1, double beta2, double epsilon,
             long count, const float *gradient, float *parameter, float *mean, float *square);

/// Adam with decoupled weight decay. Source: Loshchilov & Hutter, ICLR 2019.
void ck_adamw(ck_pool *pool, long n, ck_step step, double beta1, double beta2, double epsilon,
              long count, const float *gradient, float *parameter, float *mean, float *square);

/// RMSprop. `mean` (centered) and `velocity` (momentum) may be NULL: not used then.
void ck_rmsprop(ck_pool *pool, long n, ck_step step, double alpha, double epsilon, double momentum,
                const float *gradient, float *parameter, float *square, float *mean,
                float *velocity);

/// Adagrad; `learning_rate` is that of this step, decay included. Source: Duchi et al., JMLR 2011.
void ck_adagrad(ck_pool *pool, long n, ck_step step, double epsilon, const float *gradient,
                float *parameter, float *sum);

/// x[n] *= scale.
void ck_scale_in_place(ck_pool *pool, long n, float scale, float *x);

/// x[n] = x clamped to ±limit; NaN stays NaN.
void ck_clip_in_place(ck_pool *pool, long n, float limit, float *x);

#endif
