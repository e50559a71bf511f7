// Optimizer steps: see vector_optimizer.h.
#include <stddef.h>

#include "vector/kernels.h"

double ck_power(double base, long exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result *= base;
    base *= base;
  }
  return result;
}

static ck_update update_of(ck_kernel_number rule, ck_step step, float *parameter) {
  return (ck_update){.rule = (int)rule,
                     .rate = (float)step.learning_rate,
                     .decay = (float)step.weight_decay,
                     .gradient_scale = (float)step.gradient_scale,
                     .parameter = parameter};
}

ck_update ck_sgd_update(ck_step step, double momentum, int nesterov, float *parameter,
                        float *velocity) {
  ck_update update = update_of(CK_KERNEL_sgd, step, parameter);
  update.momentum = (float)momentum;
  update.nesterov = nesterov;
  update.first = momentum == 0 ? NULL : velocity;
  return update;
}

ck_update ck_adam_update(ck_step step, int decoupled, double beta1, double beta2, double epsilon,
                         long count, float *parameter, float *mean, float *square) {
  ck_update update = update_of(CK_KERNEL_adam, step, parameter);
  update.decoupled = decoupled;
  if (decoupled) update.decay = (float)(1 - step.learning_rate * step.weight_decay);
  update.rate = (float)(step.learning_rate / (1 - ck_power(beta1, count)));
  update.inverse_root_bias2 = (float)(1 / __builtin_sqrt(1 - ck_power(beta2, count)));
  update.one_minus_beta1 = (float)(1 - beta1);
  update.beta2 = (float)beta2;
  update.one_minus_beta2 = (float)(1 - beta2);
  update.epsilon = (float)epsilon;
  update.first = mean;
  update.second = square;
  return update;
}

ck_update ck_rmsprop_update(ck_step step, double alpha, double epsilon, double momentum,
                            float *parameter, float *square, float *mean, float *velocity) {
  ck_update update = update_of(CK_KERNEL_rmsprop, step, parameter);
  update.beta2 = (float)alpha;
  update.one_minus_beta2 = (float)(1 - alpha);
  update.epsilon = (float)epsilon;
  update.momentum = (float)momentum;
  update.first = square;
  update.second = mean;
  update.third = velocity;
  return update;
}

ck_update ck_adagrad_update(ck_step step, double epsilon, float *parameter, float *sum) {
  ck_update update = update_of(CK_KERNEL_adagrad, step, parameter);
  update.epsilon = (float)epsilon;
  update.first = sum;
  return update;
}

/// The parts that Adam and its kin share.
static ck_update adaptive_update_of(ck_kernel_number rule, ck_step step, int decoupled,
                                    double beta1, double beta2, double epsilon, float *parameter,
                                    float *mean, float *square) {
  ck_update update = update_of(rule, step, parameter);
  update.decoupled = decoupled;
  if (decoupled) update.decay = (float)(1 - step.learning_rate * step.weight_decay);
  update.one_minus_beta1 = (float)(1 - beta1);
  update.beta2 = (float)beta2;
  update.one_minus_beta2 = (float)(1 - beta2);
  update.epsilon = (float)epsilon;
  update.first = mean;
  update.second = square;
  return update;
}

ck_update ck_adamax_update(ck_step step, double beta1, double beta2, double epsilon, long count,
                           float *parameter, float *mean, float *norm) {
  ck_update update = adaptive_update_of(CK_KERNEL_adamax, step, 0, beta1, beta2, epsilon, parameter,
                                        mean, norm);
  update.rate = (float)(step.learning_rate / (1 - ck_power(beta1, count)));
  return update;
}

ck_update ck_nadam_update(ck_step step, int decoupled, double beta1, double beta2, double epsilon,
                          long count, ck_nadam_rates rates, float *parameter, float *mean,
                          float *square) {
  ck_update update = adaptive_update_of(CK_KERNEL_nadam, step, decoupled, beta1, beta2, epsilon,
                                        parameter, mean, square);
  update.rate = (float)rates.mean;
  update.gradient_rate = (float)rates.gradient;
  update.inverse_root_bias2 = (float)(1 / __builtin_sqrt(1 - ck_power(beta2, count)));
  return update;
}

ck_update ck_radam_update(ck_step step, int decoupled, double beta1, double beta2, double epsilon,
                          long count, float *parameter, float *mean, float *square) {
  ck_update update = adaptive_update_of(CK_KERNEL_radam, step, decoupled, beta1, beta2, epsilon,
                                        parameter, mean, square);
  double power = ck_power(beta2, count), most = 2 / (1 - beta2) - 1;
  double rho = most - 2 * (double)count * power / (1 - power);
  double rate = step.learning_rate / (1 - ck_power(beta1, count));
  update.adaptive = rho > 5;
  if (update.adaptive) {
    double rectified = (rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho);
    rate *= __builtin_sqrt(rectified) * __builtin_sqrt(1 - power);
  }
  update.rate = (float)rate;
  return update;
}

ck_update ck_lion_update(ck_step step, double beta1, double beta2, float *parameter, float *mean) {
  return adaptive_update_of(CK_KERNEL_lion, step, 1, beta1, beta2, 0, parameter, mean, NULL);
}

void ck_update_run(ck_pool *pool, const ck_update *update, long first, long n,
                   const float *gradient) {
  ck_update part = *update;
  part.gradient = gradient;
  part.parameter += first;
  if (part.first) part.first += first;
  if (part.second) part.second += first;
  if (part.third) part.third += first;
  ck_vector_run(pool, (ck_kernel_number)part.rule, &part, n, ck_light_grain(2));
}

void ck_sgd(ck_pool *pool, long n, ck_step step, double momentum, int nesterov,
            const float *gradient, float *parameter, float *velocity) {
  ck_update update = ck_sgd_update(step, momentum, nesterov, parameter, velocity);
  ck_update_run(pool, &update, 0, n, gradient);
}

void ck_adam(ck_pool *pool, long n, ck_step step, double beta1, double beta2, double epsilon,
             long count, const float *gradient, float *parameter, float *mean, float *square) {
  ck_update update =
      ck_adam_update(step, 0, beta1, beta2, epsilon, count, parameter, mean, square);
  ck_update_run(pool, &update, 0, n, gradient);
}

void ck_adamw(ck_pool *pool, long n, ck_step step, double beta1, double beta2, double epsilon,
              long count, const float *gradient, float *parameter, float *mean, float *square) {
  ck_update update =
      ck_adam_update(step, 1, beta1, beta2, epsilon, count, parameter, mean, square);
  ck_update_run(pool, &update, 0, n, gradient);
}

void ck_rmsprop(ck_pool *pool, long n, ck_step step, double alpha, double epsilon, double momentum,
                const float *gradient, float *parameter, float *square, float *mean,
                float *velocity) {
  ck_update update =
      ck_rmsprop_update(step, alpha, epsilon, momentum, parameter, square, mean, velocity);
  ck_update_run(pool, &update, 0, n, gradient);
}

void ck_adagrad(ck_pool *pool, long n, ck_step step, double epsilon, const float *gradient,
                float *parameter, float *sum) {
  ck_update update = ck_adagrad_update(step, epsilon, parameter, sum);
  ck_update_run(pool, &update, 0, n, gradient);
}

void ck_scale_in_place(ck_pool *pool, long n, float scale, float *x) {
  ck_unary(pool, CK_UNARY_AFFINE, scale, -0.0f, n, x, x);
}

void ck_clip_in_place(ck_pool *pool, long n, float limit, float *x) {
  ck_unary(pool, CK_UNARY_CLAMP, -limit, limit, n, x, x);
}
