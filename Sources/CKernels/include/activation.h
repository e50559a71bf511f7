#ifndef CK_ACTIVATION_H
#define CK_ACTIVATION_H

// Activation functions: the one table of them in C and in Swift (`Activation`). A new one is a line
// here, and its function and derivative in core/activations.h. (Experiment files name their own:
// ActivationChoice and the layers of ExptBuiltins.)
//
// A(NUMBER, name, cost, parameter, initial, formula): `name` is its name in Swift and in
// core/activations.h; `parameter` what its extra number is called ("": it has none), and `initial`
// that number's default; `cost` says how much work an element is.

/// Those whose derivative is a function of their output: matrix products and convolutions compute them
/// in their last pass, and need not keep their input.
#define CK_ACTIVATIONS_FROM_OUTPUT(A)                                                              \
  A(NONE, none, light, "", 0, "x")                                                                 \
  A(RELU, relu, light, "", 0, "max(x, 0)")                                                         \
  A(LEAKY_RELU, leaky_relu, light, "slope", 0.01f, "x for x > 0, else slope·x")                    \
  A(TANH, tanh, heavy, "", 0, "tanh(x)")                                                           \
  A(SIGMOID, sigmoid, heavy, "", 0, "1 / (1 + e⁻ˣ)")                                               \
  A(ELU, elu, heavy, "alpha", 1, "x for x > 0, else alpha·(eˣ − 1)")                               \
  A(SOFTPLUS, softplus, heavy, "", 0, "log(1 + eˣ)")

/// The others: operations of their own, which keep their input.
#define CK_ACTIVATIONS_FROM_INPUT(A)                                                               \
  A(GELU, gelu, heavy, "", 0, "x·Φ(x), Φ the normal distribution function")                        \
  A(GELU_TANH, gelu_tanh, heavy, "", 0, "gelu by its approximation with tanh")                     \
  A(SILU, silu, heavy, "", 0, "x·σ(x), also known as swish")

#define CK_ACTIVATIONS(A) CK_ACTIVATIONS_FROM_OUTPUT(A) CK_ACTIVATIONS_FROM_INPUT(A)

#define CK_ACTIVATION_NUMBER(NUMBER, name, cost, parameter, initial, formula) CK_ACTIVATION_##NUMBER,
typedef enum ck_activation { CK_ACTIVATIONS(CK_ACTIVATION_NUMBER) CK_ACTIVATION_COUNT } ck_activation;
#undef CK_ACTIVATION_NUMBER

/// A line of the table.
typedef struct ck_activation_facts {
  const char *name, *parameter, *formula;
  float initial;
  int from_output;  ///< whether the derivative is a function of the output
} ck_activation_facts;

/// The line of an activation: of `none` where there is no such number.
ck_activation_facts ck_activation_facts_of(int activation);

#endif
