// Negative log-likelihoods and what belongs to Gaussian latents.

#define CK_HALF_LOG_2PI 0.91893853320467274178
#define CK_LOG_2 0.69314718055994530942

/// What a scale is used as: its logarithm and its inverse.
typedef struct scale16 {
  f16v log, inverse;
} scale16;

CK_INLINE scale16 scale_of16(f16v log_scale) { return (scale16){log_scale, exp16(-log_scale)}; }

CK_INLINE f16v bernoulli_loss16(f16v l, f16v t) {
  return softplus16(l) - l * t;
}

/// log((e^l - 1) / l), the integral of e^(l t) over t in 0 ... 1; log1p where it is small.
CK_INLINE f16v log_mean_exp16(f16v l) {
  f16v a = abs16(l);
  f16v near = log1p_core16(-a * exp_tail16(-a));
  f16v far = log16(-expm1_16(-a) / a);
  return select16(l > 0.0f, l, splat16(0.0f)) + select16(a < 0.34f, near, far);
}

/// A bin of the discretized logistic distribution: its bounds in units of the scale, and whether it
/// is one of the two that reach to infinity.
typedef struct bin16 {
  f16v low, high, width;
  i16v lowest, highest;
} bin16;

CK_INLINE bin16 bin_of16(f16v location, f16v t, f16v inverse) {
  const float half = 1.0f / 510.0f;
  f16v d = t - location;
  return (bin16){(d - half) * inverse, (d + half) * inverse, inverse * (2.0f * half),
                 t < half, t > 1.0f - half};
}

CK_INLINE f16v discretized_logistic_loss16(bin16 bin) {
  const f16v zero = splat16(0.0f);
  f16v upper = select16(bin.highest, zero, softplus16(-bin.high));
  f16v lower = select16(bin.lowest, zero, softplus16(bin.low));
  f16v inner = log16(-expm1_16(-bin.width));
  return upper + lower - select16(bin.lowest | bin.highest, zero, inner);
}

/// The loss of one element, without what is the same for all (see nll_constant).
CK_INLINE f16v nll_term16(const ck_nll_kind kind, f16v x, f16v t, scale16 s) {
  f16v z = (t - x) * s.inverse;
  switch (kind) {
  case CK_NLL_BERNOULLI:
    return bernoulli_loss16(x, t);
  case CK_NLL_CONTINUOUS_BERNOULLI:
    return log_mean_exp16(x) - x * t;
  case CK_NLL_GAUSSIAN:
    return z * z * 0.5f;
  case CK_NLL_LAPLACE:
    return abs16(z);
  case CK_NLL_DISCRETIZED_LOGISTIC:
    return discretized_logistic_loss16(bin_of16(x, t, s.inverse));
  }
}

CK_INLINE double nll_constant(const ck_nll_kind kind) {
  return kind == CK_NLL_GAUSSIAN ? CK_HALF_LOG_2PI : kind == CK_NLL_LAPLACE ? CK_LOG_2 : 0;
}

/// Whether the loss has the logarithm of the scale as a term.
CK_INLINE int nll_adds_log_scale(const ck_nll_kind kind) {
  return kind == CK_NLL_GAUSSIAN || kind == CK_NLL_LAPLACE;
}

/// The derivatives of the loss of one element by x and by the log-scale.
typedef struct nll_slopes16 {
  f16v x, log_scale;
} nll_slopes16;

CK_INLINE nll_slopes16 nll_slopes(const ck_nll_kind kind, f16v x, f16v t, scale16 s) {
  f16v z = (t - x) * s.inverse;
  const f16v zero = splat16(0.0f), one = splat16(1.0f);
  switch (kind) {
  case CK_NLL_BERNOULLI:
    return (nll_slopes16){sigmoid16(x) - t, zero};
  case CK_NLL_CONTINUOUS_BERNOULLI:
    return (nll_slopes16){sigmoid16(x) - t - inverse_minus_csch16(x), zero};
  case CK_NLL_GAUSSIAN:
    return (nll_slopes16){-z * s.inverse, fma16(-z, z, one)};
  case CK_NLL_LAPLACE:
    return (nll_slopes16){-sign16(z) * s.inverse, 1.0f - abs16(z)};
  case CK_NLL_DISCRETIZED_LOGISTIC: {
    bin16 bin = bin_of16(x, t, s.inverse);
    f16v upper = select16(bin.highest, zero, sigmoid16(-bin.high));
    f16v lower = select16(bin.lowest, zero, sigmoid16(bin.low));
    f16v inner = bin.width / expm1_16(bin.width);
    f16v by_scale = upper * bin.high - lower * bin.low;
    by_scale += select16(bin.lowest | bin.highest, zero, inner);
    return (nll_slopes16){(upper - lower) * s.inverse, by_scale};
  }
  }
}

CK_INLINE int nll_has_scale(const ck_nll_kind kind) { return kind >= CK_NLL_GAUSSIAN; }

/// The scale at element i: the shared one, or its own.
CK_INLINE scale16 nll_scale16(const ck_nll_args *a, const int by_element, scale16 shared, long i,
                              int m) {
  return by_element ? scale_of16(load_part16(a->log_scale + i, m)) : shared;
}

CK_INLINE scale16 nll_shared16(const ck_nll_args *a, const ck_nll_kind kind, const int by_element) {
  const f16v zero = splat16(0.0f);
  if (!nll_has_scale(kind) || by_element) return (scale16){zero, zero};
  return scale_of16(splat16(a->log_scale[0]));
}

CK_INLINE void nll_rows(const ck_nll_args *a, const ck_nll_kind kind, const int by_element,
                        long begin, long end) {
  const scale16 shared = nll_shared16(a, kind, by_element);
  double each = nll_constant(kind);
  if (nll_adds_log_scale(kind) && !by_element) each += (double)a->log_scale[0];
  for (long r = begin; r < end; r++) {
    double total;
    SUM(total, r * a->cols, (r + 1) * a->cols, ({
          scale16 s = nll_scale16(a, by_element, shared, i, m);
          f16v term = nll_term16(kind, IN(a->x), IN(a->targets), s);
          by_element && nll_adds_log_scale(kind) ? term + s.log : term;
        }));
    a->loss[r] = (float)(total + each * (double)a->cols);
  }
}

/// The Bernoulli loss and its derivative by the logits, which share one exponential.
CK_INLINE void bernoulli_rows(const ck_nll_args *a, long begin, long end) {
  for (long r = begin; r < end; r++) {
    double total;
    SUM(total, r * a->cols, (r + 1) * a->cols, ({
          f16v l = IN(a->x), t = IN(a->targets);
          f16v e = exp16(-abs16(l));
          f16v sigmoid = select16(l < 0.0f, e, splat16(1.0f)) / (e + 1.0f);
          OUT(a->residual, sigmoid - t);
          select16(l > 0.0f, l, splat16(0.0f)) + log1p_unit16(e) - l * t;
        }));
    a->loss[r] = (float)total;
  }
}

#define FOR_EACH_NLL(CASE)                                                                         \
  CASE(CK_NLL_BERNOULLI)                                                                           \
  CASE(CK_NLL_CONTINUOUS_BERNOULLI)                                                                \
  CASE(CK_NLL_GAUSSIAN)                                                                            \
  CASE(CK_NLL_LAPLACE)                                                                             \
  CASE(CK_NLL_DISCRETIZED_LOGISTIC)

static void nll(const void *args, long begin, long end) {
  const ck_nll_args *a = args;
  if (a->residual) {
    bernoulli_rows(a, begin, end);
    return;
  }
  switch (a->kind) {
#define CASE(kind)                                                                                 \
  case kind:                                                                                       \
    if (nll_has_scale(kind) && a->scale == CK_SCALE_ELEMENT)                                       \
      nll_rows(a, kind, 1, begin, end);                                                            \
    else                                                                                           \
      nll_rows(a, kind, 0, begin, end);                                                            \
    break;
    FOR_EACH_NLL(CASE)
#undef CASE
  }
}

CK_INLINE void nll_backward_rows(const ck_nll_args *a, const ck_nll_kind kind,
                                 const int by_element, long begin, long end) {
  const scale16 shared = nll_shared16(a, kind, by_element);
  for (long r = begin; r < end; r++) {
    const float g = a->g[r];
    LANES(r * a->cols, (r + 1) * a->cols, {
      scale16 s = nll_scale16(a, by_element, shared, i, m);
      nll_slopes16 d = nll_slopes(kind, IN(a->x), IN(a->targets), s);
      if (a->dx.to) GIVE(a->dx, d.x * g);
      if (by_element && a->dlog_scale.to) GIVE(a->dlog_scale, d.log_scale * g);
    });
  }
}

static void nll_backward(const void *args, long begin, long end) {
  const ck_nll_args *a = args;
  switch (a->kind) {
#define CASE(kind)                                                                                 \
  case kind:                                                                                       \
    if (nll_has_scale(kind) && a->scale == CK_SCALE_ELEMENT)                                       \
      nll_backward_rows(a, kind, 1, begin, end);                                                   \
    else                                                                                           \
      nll_backward_rows(a, kind, 0, begin, end);                                                   \
    break;
    FOR_EACH_NLL(CASE)
#undef CASE
  }
}

CK_INLINE double nll_scale_slope(const ck_nll_args *a, const ck_nll_kind kind, long r) {
  const scale16 shared = nll_shared16(a, kind, 0);
  double total;
  SUM(total, r * a->cols, (r + 1) * a->cols,
      nll_slopes(kind, IN(a->x), IN(a->targets), shared).log_scale);
  return total;
}

/// The derivative by one scale for all. Units are groups of rows; partial[unit] gets its sum.
static void nll_shared_scale(const void *args, long begin, long end) {
  const ck_nll_args *a = args;
  for (long unit = begin; unit < end; unit++) {
    long last = (unit + 1) * a->group < a->rows ? (unit + 1) * a->group : a->rows;
    double total = 0;
    for (long r = unit * a->group; r < last; r++) {
      double slope = a->kind == CK_NLL_GAUSSIAN  ? nll_scale_slope(a, CK_NLL_GAUSSIAN, r)
                     : a->kind == CK_NLL_LAPLACE ? nll_scale_slope(a, CK_NLL_LAPLACE, r)
                                                 : nll_scale_slope(a, CK_NLL_DISCRETIZED_LOGISTIC, r);
      total += slope * (double)a->g[r];
    }
    a->partial[unit] = total;
  }
}

static void scale_rows(const void *args, long begin, long end) {
  const ck_nll_args *a = args;
  for (long r = begin; r < end; r++) {
    const float g = a->g[r];
    LANES(r * a->cols, (r + 1) * a->cols, GIVE(a->dx, IN(a->x) * g););
  }
}

static void gaussian_kl(const void *args, long begin, long end) {
  const ck_latent_args *a = args;
  LANES(begin, end, {
    f16v mean = IN(a->mean), v = IN(a->log_variance);
    OUT(a->out, 0.5f * fma16(mean, mean, exp_remainder16(v)));
  });
}

static void gaussian_kl_backward(const void *args, long begin, long end) {
  const ck_latent_args *a = args;
  LANES(begin, end, {
    f16v g = IN(a->g);
    if (a->dmean.to) GIVE(a->dmean, g * IN(a->mean));
    if (a->dlog_variance.to) GIVE(a->dlog_variance, g * 0.5f * expm1_16(IN(a->log_variance)));
  });
}

static void reparameterize(const void *args, long begin, long end) {
  const ck_latent_args *a = args;
  LANES(begin, end, {
    f16v deviation = exp16(0.5f * IN(a->log_variance));
    OUT(a->out, fma16(deviation, IN(a->noise), IN(a->mean)));
  });
}

static void reparameterize_backward(const void *args, long begin, long end) {
  const ck_latent_args *a = args;
  LANES(begin, end, {
    f16v g = IN(a->g);
    if (a->dmean.to) GIVE(a->dmean, g);
    if (a->dlog_variance.to) {
      f16v deviation = exp16(0.5f * IN(a->log_variance));
      GIVE(a->dlog_variance, 0.5f * deviation * IN(a->noise) * g);
    }
  });
}

static void gaussian_log_density(const void *args, long begin, long end) {
  const ck_latent_args *a = args;
  for (long r = begin; r < end; r++) {
    double total;
    SUM(total, r * a->cols, (r + 1) * a->cols, ({
          f16v d = IN(a->z), v = splat16(0.0f), precision = splat16(1.0f);
          if (a->mean) {
            v = IN(a->log_variance);
            d -= IN(a->mean);
            precision = exp16(-v);
          }
          fma16(d * d, precision, v);
        }));
    a->out[r] = (float)(-0.5 * total - CK_HALF_LOG_2PI * (double)a->cols);
  }
}

static void gaussian_log_density_backward(const void *args, long begin, long end) {
  const ck_latent_args *a = args;
  for (long r = begin; r < end; r++) {
    const float g = a->g[r];
    LANES(r * a->cols, (r + 1) * a->cols, {
      f16v d = IN(a->z), precision = splat16(1.0f);
      if (a->mean) {
        d -= IN(a->mean);
        precision = exp16(-IN(a->log_variance));
      }
      f16v pull = d * precision;
      if (a->dz.to) GIVE(a->dz, pull * -g);
      if (a->dmean.to) GIVE(a->dmean, pull * g);
      if (a->dlog_variance.to)
        GIVE(a->dlog_variance, fma16(d, pull, splat16(-1.0f)) * (0.5f * g));
    });
  }
}
