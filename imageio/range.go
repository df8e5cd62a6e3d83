package imageio

// levels maps 16-bit values to 8 bits.
type levels [1 << 16]byte
