// Optimizer steps: see vector_optimizer.h.
#include <stddef.h>

#include "vector_kernels.h"

double ck_power(double base, long exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result *= base;
    base *= base;
  }
  return result;
}

static ck_optimizer_args args_of(ck_step step, const float *gradient, float *parameter) {
  return (ck_optimizer_args){.rate = (float)step.learning_rate,
                             .decay = (float)step.weight_decay,
                             .gradient_scale = (float)step.gradient_scale,
                             .gradient = gradient,
                             .parameter = parameter};
}

static void run(ck_pool *pool, ck_kernel_number kernel, long n, const ck_optimizer_args *args) {
  ck_vector_run(pool, kernel, args, n, ck_light_grain(2));
}

void ck_sgd(ck_pool *pool, long n, ck_step step, double momentum, int nesterov,
            const float *gradient, float *parameter, float *velocity) {
  ck_optimizer_args args = args_of(step, gradient, parameter);
  args.momentum = (float)momentum;
  args.nesterov = nesterov;
  args.first = momentum == 0 ? NULL : velocity;
  run(pool, CK_KERNEL_sgd, n, &args);
}

static void run_adam(ck_pool *pool, long n, ck_step step, double beta1, double beta2,
                     double epsilon, long count, ck_optimizer_args args, float *mean,
                     float *square) {
  args.rate = (float)(step.learning_rate / (1 - ck_power(beta1, count)));
  args.inverse_root_bias2 = (float)(1 / __builtin_sqrt(1 - ck_power(beta2, count)));
  args.one_minus_beta1 = (float)(1 - beta1);
  args.beta2 = (float)beta2;
  args.one_minus_beta2 = (float)(1 - beta2);
  args.epsilon = (float)epsilon;
  args.first = mean;
  args.second = square;
  run(pool, CK_KERNEL_adam, n, &args);
}

void ck_adam(ck_pool *pool, long n, ck_step step, double beta1, double beta2, double epsilon,
             long count, const float *gradient, float *parameter, float *mean, float *square) {
  ck_optimizer_args args = args_of(step, gradient, parameter);
  run_adam(pool, n, step, beta1, beta2, epsilon, count, args, mean, square);
}

void ck_adamw(ck_pool *pool, long n, ck_step step, double beta1, double beta2, double epsilon,
              long count, const float *gradient, float *parameter, float *mean, float *square) {
  ck_optimizer_args args = args_of(step, gradient, parameter);
  args.decoupled = 1;
  args.decay = (float)(1 - step.learning_rate * step.weight_decay);
  run_adam(pool, n, step, beta1, beta2, epsilon, count, args, mean, square);
}

void ck_rmsprop(ck_pool *pool, long n, ck_step step, double alpha, double epsilon, double momentum,
                const float *gradient, float *parameter, float *square, float *mean,
                float *velocity) {
  ck_optimizer_args args = args_of(step, gradient, parameter);
  args.beta2 = (float)alpha;
  args.one_minus_beta2 = (float)(1 - alpha);
  args.epsilon = (float)epsilon;
  args.momentum = (float)momentum;
  args.first = square;
  args.second = mean;
  args.third = velocity;
  run(pool, CK_KERNEL_rmsprop, n, &args);
}

void ck_adagrad(ck_pool *pool, long n, ck_step step, double epsilon, const float *gradient,
                float *parameter, float *sum) {
  ck_optimizer_args args = args_of(step, gradient, parameter);
  args.epsilon = (float)epsilon;
  args.first = sum;
  run(pool, CK_KERNEL_adagrad, n, &args);
}

void ck_scale_in_place(ck_pool *pool, long n, float scale, float *x) {
  ck_unary(pool, CK_UNARY_AFFINE, scale, -0.0f, n, x, x);
}

void ck_clip_in_place(ck_pool *pool, long n, float limit, float *x) {
  ck_unary(pool, CK_UNARY_CLAMP, -limit, limit, n, x, x);
}
