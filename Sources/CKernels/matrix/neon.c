#if defined(__aarch64__)
#define CK_TABLE ck_matrix_neon
// A 16-lane vector takes 4 registers: 24 for the sums, 4 for B and 1 for A, of 32.
#define CK_TILE_ROWS 6
#define CK_TILE_VECTORS 1
#define CK_TILES(t) t(1) t(2) t(3) t(4) t(5) t(6)
#include "matrix/kernels.inc"
#endif
