// Optimizer steps, one pass each.

/// Numbers too small to be normal become 0.
CK_INLINE f16v flush16(f16v x) { return select16(abs16(x) < 0x1p-126f, splat16(0.0f), x); }

/// The gradient, scaled, with the decay of the parameter.
#define GRADIENT fma16(splat16(a->decay), p, IN(a->gradient) * a->gradient_scale)

static void sgd(const void *args, long begin, long end) {
  const ck_update *a = args;
  const f16v momentum = splat16(a->momentum), rate = splat16(-a->rate);
  LANES(begin, end, {
    f16v p = IN(a->parameter);
    f16v step = GRADIENT;
    if (a->first) {
      f16v velocity = flush16(fma16(IN(a->first), momentum, step));
      OUT(a->first, velocity);
      step = a->nesterov ? fma16(velocity, momentum, step) : velocity;
    }
    OUT(a->parameter, fma16(step, rate, p));
  });
}

static void adam(const void *args, long begin, long end) {
  const ck_update *a = args;
  const f16v rate = splat16(-a->rate);
  LANES(begin, end, {
    f16v p = IN(a->parameter);
    f16v g = a->decoupled ? IN(a->gradient) * a->gradient_scale : GRADIENT;
    if (a->decoupled) p *= a->decay;
    f16v mean = IN(a->first), square = IN(a->second);
    mean = flush16(fma16(g - mean, splat16(a->one_minus_beta1), mean));
    square = flush16(fma16(g * a->one_minus_beta2, g, square * a->beta2));
    OUT(a->first, mean);
    OUT(a->second, square);
    f16v size = fma16(sqrt16(square), splat16(a->inverse_root_bias2), splat16(a->epsilon));
    OUT(a->parameter, fma16(mean / size, rate, p));
  });
}

static void rmsprop(const void *args, long begin, long end) {
  const ck_update *a = args;
  const f16v rate = splat16(-a->rate), rest = splat16(a->one_minus_beta2);
  LANES(begin, end, {
    f16v p = IN(a->parameter);
    f16v g = GRADIENT;
    f16v square = flush16(fma16(g * a->one_minus_beta2, g, IN(a->first) * a->beta2));
    OUT(a->first, square);
    if (a->second) {
      f16v mean = IN(a->second);
      mean = flush16(fma16(g - mean, rest, mean));
      OUT(a->second, mean);
      square = fma16(-mean, mean, square);
      square = select16(square < 0.0f, splat16(0.0f), square);
    }
    f16v step = g / (sqrt16(square) + a->epsilon);
    if (a->third) {
      step = flush16(fma16(IN(a->third), splat16(a->momentum), step));
      OUT(a->third, step);
    }
    OUT(a->parameter, fma16(step, rate, p));
  });
}

static void adagrad(const void *args, long begin, long end) {
  const ck_update *a = args;
  const f16v rate = splat16(-a->rate);
  LANES(begin, end, {
    f16v p = IN(a->parameter);
    f16v g = GRADIENT;
    f16v sum = flush16(fma16(g, g, IN(a->first)));
    OUT(a->first, sum);
    OUT(a->parameter, fma16(g / (sqrt16(sum) + a->epsilon), rate, p));
  });
}
