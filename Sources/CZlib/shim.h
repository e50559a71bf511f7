// The system's zlib (Debian and Ubuntu: zlib1g-dev). Only Sources/ExptFiles/Compression/Zlib.swift imports it.
#include <zlib.h>
