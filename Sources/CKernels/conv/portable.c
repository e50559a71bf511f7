#define CK_TABLE ck_conv_portable
#define CK_TILE_ROWS 4
#define CK_TILE_VECTORS 1
#define CK_TAP_TILES_1(t) t(1) t(2) t(3) t(4)
#define CK_TAP_TILES_2(t)
#define CK_TAP_TILES_4(t)
#define CK_TAP_TILES_8(t)
#define CK_PHASES_TILES(t) t(1, 1) t(2, 1) t(3, 1)
#include "conv/kernels.inc"
