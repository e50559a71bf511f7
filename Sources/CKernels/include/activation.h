#ifndef CK_ACTIVATION_H
#define CK_ACTIVATION_H

/// Activation functions, shared by the matrix products (as their last pass) and by the vector
/// kernels. `slope` below is the extra parameter that leaky_relu and elu take.
typedef enum ck_activation {
  CK_ACTIVATION_NONE = 0,
  CK_ACTIVATION_RELU = 1,
  CK_ACTIVATION_LEAKY_RELU = 2,  ///< x > 0 ? x : slope·x
  CK_ACTIVATION_TANH = 3,
  CK_ACTIVATION_SIGMOID = 4,
  CK_ACTIVATION_ELU = 5,       ///< x > 0 ? x : slope·(eˣ − 1)
  CK_ACTIVATION_GELU = 6,      ///< x·Φ(x), with the error function
  CK_ACTIVATION_GELU_TANH = 7, ///< the tanh approximation of gelu
  CK_ACTIVATION_SILU = 8,      ///< x·sigmoid(x)
  CK_ACTIVATION_SOFTPLUS = 9,  ///< log(1 + eˣ)
} ck_activation;

#endif
