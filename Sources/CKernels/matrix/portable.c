#define CK_TABLE ck_matrix_portable
// A call of libm's fmaf for every element where the base instruction set has none.
#define CK_TILE_ROWS 4
#define CK_TILE_VECTORS 1
#define CK_TILES(t) t(1) t(2) t(3) t(4)
#include "matrix/kernels.inc"
