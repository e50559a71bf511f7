#ifndef CK_ACTIVATION_H
#define CK_ACTIVATION_H

// Activation functions: the one table of them in C, in Swift (`Activation`) and in experiment files,
// where each is a layer and an activation of mlp and conv. A new one is a line here, and its function
// and derivative in core/activations.h.
//
// A(NUMBER, name, cost, parameter, lower, upper, formula): `cost` says how much work an element is;
// `lower` and `upper` are what its values lie between, INF where nothing bounds them and p its
// parameter.

/// The extra number of a function: what it is called, what it does, its default, and its largest
/// value. The smallest is 0.
#define CK_PARAMETER(name, help, initial, most) {name, help, initial, most}
#define CK_NO_PARAMETER {"", "", 0, 0}

#define CK_SLOPE CK_PARAMETER("slope", "The slope below 0.", 0.01f, 1)
#define CK_ALPHA CK_PARAMETER("alpha", "What the function tends to at −∞ is −alpha.", 1, 100)

/// Those whose derivative is a function of their output: matrix products and convolutions compute them
/// in their last pass, and need not keep their input.
#define CK_ACTIVATIONS_FROM_OUTPUT(A)                                                              \
  A(NONE, none, light, CK_NO_PARAMETER, -INF, INF, "x")                                            \
  A(RELU, relu, light, CK_NO_PARAMETER, 0, INF, "max(x, 0)")                                       \
  A(LEAKY_RELU, leaky_relu, light, CK_SLOPE, -INF, INF, "x for x > 0, else slope·x")               \
  A(TANH, tanh, heavy, CK_NO_PARAMETER, -1, 1, "tanh(x)")                                          \
  A(SIGMOID, sigmoid, heavy, CK_NO_PARAMETER, 0, 1, "1 / (1 + e⁻ˣ)")                               \
  A(ELU, elu, heavy, CK_ALPHA, -p, INF, "x for x > 0, else alpha·(eˣ − 1)")                        \
  A(SOFTPLUS, softplus, heavy, CK_NO_PARAMETER, 0, INF, "log(1 + eˣ)")

/// The others: operations of their own, which keep their input.
#define CK_ACTIVATIONS_FROM_INPUT(A)                                                               \
  A(GELU, gelu, heavy, CK_NO_PARAMETER, -0.17f, INF, "x·Φ(x), Φ the normal distribution function") \
  A(GELU_TANH, gelu_tanh, heavy, CK_NO_PARAMETER, -0.1701f, INF, "gelu, approximated with tanh")   \
  A(SILU, silu, heavy, CK_NO_PARAMETER, -0.279f, INF, "x·σ(x), also known as swish")

#define CK_ACTIVATIONS(A) CK_ACTIVATIONS_FROM_OUTPUT(A) CK_ACTIVATIONS_FROM_INPUT(A)

#define CK_ACTIVATION_NUMBER(NUMBER, ...) CK_ACTIVATION_##NUMBER,
typedef enum ck_activation { CK_ACTIVATIONS(CK_ACTIVATION_NUMBER) CK_ACTIVATION_COUNT } ck_activation;
#undef CK_ACTIVATION_NUMBER

/// The extra number of a function; without one, its name is empty.
typedef struct ck_activation_parameter {
  const char *name, *help;
  float initial, most;
} ck_activation_parameter;

/// A line of the table.
typedef struct ck_activation_facts {
  const char *name, *formula;
  ck_activation_parameter parameter;
  int from_output;  ///< whether the derivative is a function of the output
} ck_activation_facts;

/// The line of an activation: of `none` where there is no such number.
ck_activation_facts ck_activation_facts_of(int activation);

typedef struct ck_range {
  float lower, upper;
} ck_range;

/// What the values of an activation with the parameter p lie between.
ck_range ck_activation_range(int activation, float p);

#endif
