#if defined(__aarch64__)
#define CK_TABLE ck_conv_neon
// 32 registers, four for a vector.
#define CK_TILE_ROWS 6
#define CK_TILE_VECTORS 1
#define CK_TAP_TILES_1(t) t(1) t(2) t(3) t(4) t(5) t(6)
#define CK_TAP_TILES_2(t) t(1) t(2)
#define CK_TAP_TILES_4(t) t(1)
#define CK_TAP_TILES_8(t)
#define CK_PHASES_TILES(t) t(1, 1)
#include "conv/kernels.inc"
#endif
